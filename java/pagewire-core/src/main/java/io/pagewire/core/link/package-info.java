/**
 * How much of what can wait may be on its way between two hosts, so that what somebody waits for does not stand behind it. No I/O,
 * threads or clock: times come in, an allowance goes out.
 */
package io.pagewire.core.link;
