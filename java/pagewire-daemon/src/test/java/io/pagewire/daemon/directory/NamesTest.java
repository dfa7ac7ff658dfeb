package io.pagewire.daemon.directory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "prices", "jdk/lib/modules", "A-b_c.9", ".hidden", "\u65e5\u672c", "\u00fc", "..."})
    void shouldAcceptRegionNames(String name) {
        assertThat(Names.checkRegion(name)).isNull();
        assertThat(Names.toNode(name)).matches("[0-9A-Za-z._%-]+").isNotIn(".", "..");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "-a", "a b", "a\u0000", "a\n", "a%", "a:b", "\ud800",
                "u\u0308", "\u200b"
            })
    void shouldRefuseRegionNamesWithAReason(String name) {
        assertThat(Names.checkRegion(name)).isNotBlank().doesNotContain("\n", "\u0000");
    }

    @Test
    void shouldCountBytesNotCharacters() {
        assertThat(Names.checkRegion("x".repeat(255))).isNull();
        assertThat(Names.checkRegion("x".repeat(256))).contains("256 bytes");
        assertThat(Names.checkRegion("\u00fc".repeat(127))).isNull();
        assertThat(Names.checkRegion("\u00fc".repeat(128))).contains("256 bytes");
    }

    @Test
    void shouldMapDifferentNamesToDifferentNodes() {
        assertThat(Names.toNode("a/b")).isEqualTo("a%2Fb").isNotEqualTo(Names.toNode("a_b"));
        assertThat(Names.toNode("\u00fc")).isEqualTo("%C3%BC");
    }

    @Test
    void shouldCheckHostNames() {
        assertThat(Names.checkHost("vm-1.example_x")).isNull();
        assertThat(Names.checkHost("a/b")).contains("'/'");
        assertThat(Names.checkHost(".")).contains("must start with a letter or a digit");
        assertThat(Names.checkHost("x".repeat(256))).contains("256 characters");
    }

    @Test
    void shouldFindTheNameOfANode() {
        for (String name : java.util.List.of("a", "a/b", "f/\u00fc-1", "\u3042".repeat(80), "x.y_z-0")) {
            assertThat(Names.fromNode(Names.toNode(name))).isEqualTo(name);
        }
        for (String node : java.util.List.of("%", "%4", "%zz", "%2f", "%41", "a b", "\u3042", "%FF")) {
            assertThat(Names.fromNode(node)).isNull();
        }
    }
}
