/**
 * Plain Linux system calls for the daemon. Every failure is an {@link java.io.IOException} that names the call, the errno
 * and what was tried. Nothing here knows about regions.
 *
 * <p>All methods are safe for use by any thread unless their class says otherwise.
 */
package io.pagewire.daemon.sys;
