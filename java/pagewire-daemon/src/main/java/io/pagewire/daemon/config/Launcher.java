package io.pagewire.daemon.config;

/**
 * What {@link DsmdCommand} starts once the settings are known to be good.
 *
 * <p>Called once, on the main thread.
 */
public interface Launcher {
    /**
     * Runs the daemon and returns when it has been stopped in order.
     *
     * @throws Exception when it cannot start or go on, or has stopped without all that was written being at home; the message is printed as the one-line reason
     */
    void start(DaemonSettings settings) throws Exception;
}
