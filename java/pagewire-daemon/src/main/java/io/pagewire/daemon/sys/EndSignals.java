package io.pagewire.daemon.sys;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signals that end a program, each time one comes: the JVM itself tells of the first alone, and then takes no second.
 *
 * <p>Stateless.
 */
public final class EndSignals {
    private static final Logger LOG = LoggerFactory.getLogger(EndSignals.class);

    private EndSignals() {}

    /**
     * Runs {@code each}, on a thread of the JVM's, for each SIGTERM, SIGINT and SIGHUP from now on. Where the JVM leaves signals
     * alone (-Xrs), or its handler cannot be reached, they go on ending the program as they did.
     */
    public static void handle(Runnable each) {
        try {
            // By reflection: the compiler has a warning for these names that cannot be turned off for one line.
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler calls = (proxy, method, arguments) -> switch (method.getName()) {
                case "handle" -> {
                    each.run();
                    yield null;
                }
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "EndSignals";
            };
            Object ours = Proxy.newProxyInstance(EndSignals.class.getClassLoader(), new Class<?>[] {handler}, calls);
            for (String name : new String[] {"TERM", "INT", "HUP"}) {
                Object one = signal.getConstructor(String.class).newInstance(name);
                signal.getMethod("handle", signal, handler).invoke(null, one, ours);
            }
        } catch (ReflectiveOperationException e) {
            LOG.warn("a second SIGTERM will not end a stop that takes long: {}", String.valueOf(e.getCause()));
        }
    }
}
