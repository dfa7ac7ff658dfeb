package io.pagewire.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.AddressInUseException;
import io.pagewire.DaemonUnreachableException;
import io.pagewire.DirectoryUnreachableException;
import io.pagewire.FileUnavailableException;
import io.pagewire.InvalidRequestException;
import io.pagewire.PagewireException;
import io.pagewire.PermissionDeniedException;
import io.pagewire.PinBrokenException;
import io.pagewire.ProtocolMismatchException;
import io.pagewire.RegionBusyException;
import io.pagewire.RegionExistsException;
import io.pagewire.RegionLostException;
import io.pagewire.RegionNotFoundException;
import io.pagewire.RegionRefusedException;
import io.pagewire.RequestTimeoutException;
import io.pagewire.ResourceExhaustedException;
import io.pagewire.internal.Errors.Operation;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorsTest {
    /** What an errno means when the operation does not matter. */
    private static final Map<Integer, Class<? extends PagewireException>> ALWAYS = new HashMap<>();

    static {
        ALWAYS.put(Errors.EBUSY, RegionBusyException.class);
        ALWAYS.put(Errors.EACCES, PermissionDeniedException.class);
        ALWAYS.put(Errors.EROFS, PermissionDeniedException.class);
        ALWAYS.put(Errors.EPERM, PermissionDeniedException.class);
        ALWAYS.put(Errors.ENOENT, RegionNotFoundException.class);
        ALWAYS.put(Errors.EEXIST, RegionExistsException.class);
        ALWAYS.put(Errors.EINVAL, InvalidRequestException.class);
        ALWAYS.put(Errors.ERANGE, InvalidRequestException.class);
        ALWAYS.put(Errors.ENAMETOOLONG, InvalidRequestException.class);
        ALWAYS.put(Errors.EOVERFLOW, InvalidRequestException.class);
        ALWAYS.put(Errors.EMSGSIZE, InvalidRequestException.class);
        ALWAYS.put(Errors.ENOTDIR, InvalidRequestException.class);
        ALWAYS.put(Errors.EISDIR, InvalidRequestException.class);
        ALWAYS.put(Errors.ELOOP, InvalidRequestException.class);
        ALWAYS.put(Errors.EFBIG, InvalidRequestException.class);
        ALWAYS.put(Errors.EIO, PagewireException.class);
        ALWAYS.put(Errors.ENOMEM, ResourceExhaustedException.class);
        ALWAYS.put(Errors.ENFILE, ResourceExhaustedException.class);
        ALWAYS.put(Errors.EMFILE, ResourceExhaustedException.class);
        ALWAYS.put(Errors.ENOSPC, ResourceExhaustedException.class);
        ALWAYS.put(Errors.EAGAIN, ResourceExhaustedException.class);
        ALWAYS.put(Errors.ENOBUFS, ResourceExhaustedException.class);
        ALWAYS.put(Errors.EPROTO, ProtocolMismatchException.class);
        ALWAYS.put(Errors.EBADMSG, ProtocolMismatchException.class);
        ALWAYS.put(Errors.EPROTONOSUPPORT, ProtocolMismatchException.class);
        ALWAYS.put(Errors.EPROTOTYPE, ProtocolMismatchException.class);
        ALWAYS.put(Errors.ECONNREFUSED, DaemonUnreachableException.class);
        ALWAYS.put(Errors.ECONNRESET, DaemonUnreachableException.class);
        ALWAYS.put(Errors.ECONNABORTED, DaemonUnreachableException.class);
        ALWAYS.put(Errors.EPIPE, DaemonUnreachableException.class);
        ALWAYS.put(Errors.ENOTCONN, DaemonUnreachableException.class);
        ALWAYS.put(Errors.ESHUTDOWN, DaemonUnreachableException.class);
        ALWAYS.put(Errors.ENOTSOCK, DaemonUnreachableException.class);
        ALWAYS.put(Errors.ETIMEDOUT, RequestTimeoutException.class);
        ALWAYS.put(Errors.EHOSTUNREACH, DirectoryUnreachableException.class);
        ALWAYS.put(Errors.EHOSTDOWN, RegionLostException.class);
        ALWAYS.put(Errors.ESTALE, RegionLostException.class);
    }

    /** Where the operation makes a difference. */
    private static Class<? extends PagewireException> expected(Operation operation, int errno) {
        boolean file =
                errno == Errors.ENOTDIR || errno == Errors.EISDIR || errno == Errors.ELOOP || errno == Errors.EFBIG;
        if (operation == Operation.CONNECT && (file || errno == Errors.ENOENT)) {
            return DaemonUnreachableException.class;
        }
        if (operation == Operation.EXPORT && (file || errno == Errors.ENOENT || errno == Errors.EIO)) {
            return FileUnavailableException.class;
        }
        boolean maps = operation == Operation.MAP || operation == Operation.SUBSCRIBE_FRAMES;
        if (maps && errno == Errors.EEXIST) {
            return AddressInUseException.class;
        }
        if (maps && errno == Errors.EPERM) {
            return RegionRefusedException.class;
        }
        if (operation == Operation.UNPIN && errno == Errors.ESTALE) {
            return PinBrokenException.class;
        }
        return ALWAYS.getOrDefault(errno, PagewireException.class);
    }

    @ParameterizedTest
    @EnumSource(Operation.class)
    void shouldTurnEveryErrnoIntoItsExceptionWithTheTextOfTheLibrary(Operation operation) {
        for (int errno = 1; errno <= 133; errno++) {
            PagewireException e = Errors.of(operation, errno, "what is wrong");
            assertThat(e.getClass()).as("%s errno %d", operation, errno).isEqualTo(expected(operation, errno));
            assertThat(e).hasMessage("what is wrong");
        }
    }

    @Test
    void shouldNameOperationAndNumberWhenTheLibraryHasNoText() {
        assertThat(Errors.of(Operation.FORCE, 77, "")).hasMessage("force failed with errno 77");
    }

    @Test
    void shouldExpectSomethingForEveryErrnoThatErrorsNames() throws IllegalAccessException {
        for (Field field : Errors.class.getDeclaredFields()) {
            if (field.getType() == int.class && Modifier.isStatic(field.getModifiers())) {
                assertThat(ALWAYS).as(field.getName()).containsKey(field.getInt(null));
            }
        }
    }

    @Test
    void shouldHaveTheNumbersOfTheKernel() throws IOException, IllegalAccessException {
        Map<String, Integer> kernel = new HashMap<>();
        for (String header : List.of("errno-base.h", "errno.h")) {
            Path file = Path.of("/usr/include/asm-generic", header);
            Matcher line = Pattern.compile("#define\\s+(E\\w+)\\s+(\\d+)").matcher(Files.readString(file));
            while (line.find()) {
                kernel.put(line.group(1), Integer.valueOf(line.group(2)));
            }
        }
        for (Field field : Errors.class.getDeclaredFields()) {
            if (field.getType() == int.class) {
                assertThat(kernel).containsEntry(field.getName(), field.getInt(null));
            }
        }
    }

    @Test
    void shouldNumberOperationsLikeTheGlue() throws IOException {
        String header = Files.readString(Checkout.root().resolve("native/jni/glue.h"));
        Matcher block =
                Pattern.compile("enum glue_operation \\{(.*?)}", Pattern.DOTALL).matcher(header);
        assertThat(block.find()).isTrue();
        List<String> names = new ArrayList<>();
        for (String name : block.group(1).strip().split("\\s*,\\s*")) {
            names.add(name.strip().replace("GLUE_", ""));
        }
        assertThat(names)
                .containsExactlyElementsOf(
                        List.of(Operation.values()).stream().map(Enum::name).toList());
    }
}
