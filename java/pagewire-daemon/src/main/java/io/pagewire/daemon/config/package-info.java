/**
 * The settings of {@code dsmd}: command line, TOML file, defaults, and the checks that let none of them through by halves.
 *
 * <p>Used by the main thread while the daemon starts; the settings themselves are immutable.
 */
package io.pagewire.daemon.config;
