/**
 * {@code dsmctl}: the commands, and what they share. Each command is one class; a command talks to {@code dsmd} only through
 * the public Java API, as any other application does.
 *
 * <p>Answers go to standard output, everything else to standard error. Exit codes: 0 done, 1 failed with a one-line reason,
 * 2 usage.
 */
package io.pagewire.cli;
