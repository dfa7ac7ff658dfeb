/**
 * Memory behind pages: frames (memfds), the budget that bounds them, the spill file for what does not fit, and files that are
 * held in memory. SPEC: V7-V9.
 */
package io.pagewire.daemon.memory;
