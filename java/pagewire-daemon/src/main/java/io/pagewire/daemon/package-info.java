/**
 * {@code dsmd}, the daemon: puts sockets, regions and the directory together and serves requests. Packages point one way:
 * this one uses {@code region}, which uses {@code local}, {@code circuit} and {@code directory}, which use {@code sys}.
 *
 * <p>Each class says which thread it belongs to.
 */
package io.pagewire.daemon;
