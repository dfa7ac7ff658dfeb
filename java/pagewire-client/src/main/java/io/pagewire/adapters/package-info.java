/**
 * Bridges to libraries that map C structures to Java, for programs that use them anyway. Each class needs its library on the
 * class path; nothing else in Pagewire does.
 */
package io.pagewire.adapters;
