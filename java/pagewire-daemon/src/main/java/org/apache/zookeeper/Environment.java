package org.apache.zookeeper;

import java.util.List;
import java.util.stream.Stream;
import org.apache.zookeeper.version.Info;
import org.slf4j.Logger;

/**
 * In place of ZooKeeper's class of this name, which stands behind this one on the class path: what its client and its server write
 * into their logs when they are loaded, and answer when they are asked for their environment. ZooKeeper's own asks the name service
 * for the name of this machine, and nothing of it goes on before there is an answer: on a machine whose name is not known, with a
 * name server that is silent, dsmd would wait for twenty seconds and more. Here nobody is asked.
 *
 * <p>Stateless; safe for use by any thread.
 */
public class Environment {
    /** The name and the meaning are ZooKeeper's. */
    public static final String JAAS_CONF_KEY = "java.security.auth.login.config";

    private static final List<String> PROPERTIES = List.of(
            "java.version",
            "java.vendor",
            "java.home",
            "java.class.path",
            "java.library.path",
            "java.io.tmpdir",
            "os.name",
            "os.arch",
            "os.version",
            "user.name",
            "user.home",
            "user.dir");

    /** A property and its value. */
    public static class Entry {
        private final String key;
        private final String value;

        public Entry(String key, String value) {
            this.key = key;
            this.value = value;
        }

        public String getKey() {
            return key;
        }

        public String getValue() {
            return value;
        }

        @Override
        public String toString() {
            return key + "=" + value;
        }
    }

    /** What is known without asking anybody. */
    public static List<Entry> list() {
        return Stream.concat(
                        Stream.of(new Entry("zookeeper.version", Info.MAJOR + "." + Info.MINOR + "." + Info.MICRO)),
                        PROPERTIES.stream().map(name -> new Entry(name, System.getProperty(name, "<NA>"))))
                .toList();
    }

    /** Writes one line for each entry. */
    public static void logEnv(String message, Logger log) {
        list().forEach(entry -> log.info("{}{}", message, entry));
    }
}
