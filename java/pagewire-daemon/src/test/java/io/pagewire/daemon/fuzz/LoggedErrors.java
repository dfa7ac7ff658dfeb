package io.pagewire.daemon.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

/**
 * Makes a finding of every error the daemon logs: its handlers catch what is thrown in them, close the connection and say
 * "failed inside this daemon", and Netty reports buffers that were lost. Bad bytes may cause warnings only.
 *
 * <p>Safe for use by any thread.
 */
final class LoggedErrors implements AutoCloseable {
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Logger ours = (Logger) LoggerFactory.getLogger("io.pagewire");
    private final Level before = root.getLevel();
    private final Level oursBefore = ours.getLevel();
    private volatile AssertionError first;

    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            if (event.getLevel().isGreaterOrEqual(Level.ERROR) && first == null) {
                AssertionError error = new AssertionError("logged as an error: " + event.getFormattedMessage());
                if (event.getThrowableProxy() instanceof ThrowableProxy proxy) {
                    error.initCause(proxy.getThrowable());
                }
                first = error;
            }
        }
    };

    LoggedErrors() {
        root.setLevel(Level.ERROR);
        ours.setLevel(Level.ERROR);
        appender.setContext(root.getLoggerContext());
        appender.start();
        root.addAppender(appender);
    }

    void throwIfAny() {
        if (first != null) {
            throw first;
        }
    }

    @Override
    public void close() {
        root.detachAppender(appender);
        root.setLevel(before);
        ours.setLevel(oursBefore);
    }
}
