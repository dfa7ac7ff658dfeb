package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The models say in their comments which method makes each of their moves; these tests keep that true. The models themselves
 * are checked by {@code tools/model-check}.
 */
class ModelTest {
    private static final Path MODELS = Path.of("src/model");
    private static final Path C_SOURCES = Path.of("../../native/src");

    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL);
    /** {@code HomePages.pump}. */
    private static final Pattern MEMBER = Pattern.compile("\\b([A-Z][a-z]+[A-Za-z]*)\\.([a-z][A-Za-z]*)\\b");
    /** {@code pw_fault (fault.c)} or {@code lose in reconnect.c}. */
    private static final Pattern C_FUNCTION = Pattern.compile("\\b([a-z_]+) (?:\\(|in )([a-z_]+\\.c)\\b");

    private static final Pattern SWITCH = Pattern.compile("#ifdef (NO_\\w+)");
    private static final Pattern FLAG = Pattern.compile("-D(NO_\\w+)");

    @Test
    void shouldNameOnlyMembersThatTheCoreHas() {
        List<String> unknown = new ArrayList<>();
        Set<String> known = new TreeSet<>();
        comments().forEach((file, text) -> {
            for (Matcher m = MEMBER.matcher(text); m.find(); ) {
                (coreHas(m.group(1), m.group(2)) ? known : unknown).add(file + ": " + m.group());
            }
        });
        assertThat(unknown).isEmpty();
        assertThat(known).as("members named").hasSizeGreaterThan(80);
    }

    @Test
    void shouldNameOnlyFunctionsThatTheLibraryHas() {
        List<String> unknown = new ArrayList<>();
        Set<String> known = new TreeSet<>();
        comments().forEach((file, text) -> {
            for (Matcher m = C_FUNCTION.matcher(text); m.find(); ) {
                Path source = C_SOURCES.resolve(m.group(2));
                boolean has = Files.exists(source)
                        && Pattern.compile("(?m)^\\w[^;]*?\\b" + m.group(1) + "\\([^;{]*\\{")
                                .matcher(read(source))
                                .find();
                (has ? known : unknown).add(file + ": " + m.group());
            }
        });
        assertThat(unknown).isEmpty();
        assertThat(known).as("functions named").hasSizeGreaterThan(10);
    }

    @Test
    void shouldKnowEveryCallIntoTheCore() {
        // A call into the core that the model does not know is a promise nobody has checked. What is left out has a
        // reason.
        Set<String> leftOut = Set.of(
                "HomeRegion.fail", // ends everything; nobody is promised anything afterwards
                "HomeRegion.dataReady", // pages that must be read from disk are left out of the model
                "HomeRegion.moved", // puts deadlines off, whose lengths the model does not know
                "ClientRegion.moved",
                "ClientRegion.fail",
                "ClientRegion.connectNow"); // a circuit that nobody waits for behaves like any other
        String all = String.join("\n", comments().values());
        List<String> missing = new ArrayList<>();
        for (Class<?> type : List.of(HomeRegion.class, ClientRegion.class)) {
            for (Method method : type.getDeclaredMethods()) {
                String name = type.getSimpleName() + "." + method.getName();
                boolean event = Modifier.isPublic(method.getModifiers())
                        && Arrays.asList(method.getParameterTypes()).contains(long.class)
                        && !Set.of(
                                        "entry",
                                        "hostState",
                                        "isNotHome",
                                        "copyset",
                                        "grantNumber",
                                        "holder",
                                        "changedSince",
                                        "isWaitedFor")
                                .contains(method.getName());
                if (event
                        && !leftOut.contains(name)
                        && !Pattern.compile("\\b" + Pattern.quote(name) + "\\b")
                                .matcher(all)
                                .find()) {
                    missing.add(name);
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void shouldTakeAwayEveryRuleThatHasASwitch() {
        Set<String> switches = new TreeSet<>();
        for (Path file : files()) {
            SWITCH.matcher(read(file)).results().forEach(m -> switches.add(m.group(1)));
        }
        Set<String> taken = new TreeSet<>();
        Set<String> rules = new TreeSet<>();
        for (String line : read(MODELS.resolve("checks.txt")).split("\n")) {
            String[] words = line.split(" +");
            if (words.length > 2 && (words[2].equals("breaks") || words[2].equals("starves"))) {
                rules.add(line.split("-")[0]);
                FLAG.matcher(line).results().forEach(m -> taken.add(m.group(1)));
            }
        }
        assertThat(taken).isEqualTo(switches);
        assertThat(rules).contains("1", "2", "3", "4", "5", "6", "7", "8", "9");
    }

    private static boolean coreHas(String type, String member) {
        try {
            Class<?> found = Class.forName("io.pagewire.core." + type);
            return Stream.concat(
                            Stream.of(found.getDeclaredMethods()).map(Method::getName),
                            Stream.of(found.getDeclaredFields()).map(Field::getName))
                    .anyMatch(member::equals);
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** The comments of each model, by its file name. */
    private static Map<String, String> comments() {
        Map<String, String> texts = new TreeMap<>();
        for (Path file : files()) {
            StringBuilder text = new StringBuilder();
            COMMENT.matcher(read(file))
                    .results()
                    .forEach(m -> text.append(m.group().replaceAll("\\s+(\\*\\s)?\\s*", " "))
                            .append('\n'));
            texts.put(file.getFileName().toString(), text.toString());
        }
        return texts;
    }

    private static List<Path> files() {
        try (Stream<Path> all = Files.list(MODELS)) {
            return all.filter(file -> file.toString().endsWith(".pml")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
