package io.pagewire.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file is exported once, whatever leads to it. */
class ExportedFilesTest {
    @TempDir
    Path folder;

    private final ExportedFiles files = new ExportedFiles();
    private Path file;

    @BeforeEach
    void make() throws IOException {
        file = Files.write(folder.resolve("file"), new byte[] {1});
    }

    private String take(Path path, String region) throws IOException {
        return files.take(ExportedFiles.Identity.of(path), path, region, () -> "; delete it first");
    }

    @Test
    void shouldRefuseTheSameFileUnderAnotherName() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("symlink"), file);
        Path hard = Files.createLink(folder.resolve("hard"), file);
        assertThat(take(file, "one")).isNull();
        for (Path path : new Path[] {file, link, hard, folder.resolve("../" + folder.getFileName() + "/file")}) {
            assertThat(take(path, "two"))
                    .isEqualTo("file " + path + " is exported already, as region one; delete it first");
        }
    }

    @Test
    void shouldTakeAnotherFileThatHasThePathOfOneNow() throws IOException {
        assertThat(take(file, "one")).isNull();
        Files.move(file, folder.resolve("old"));
        Files.write(file, new byte[] {2});
        assertThat(take(file, "two")).isNull();
        assertThat(take(folder.resolve("old"), "three")).contains("as region one");
    }

    @Test
    void shouldTakeItAgainWhenItWasGivenBack() throws IOException {
        assertThat(take(file, "one")).isNull();
        files.giveBack(ExportedFiles.Identity.of(file));
        assertThat(take(file, "two")).isNull();
    }
}
