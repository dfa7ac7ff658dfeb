/**
 * The pager of each region: adapters that give the core's decisions their sockets, frames and timers. {@link
 * io.pagewire.daemon.region.HomeRuntime} serves a region this host owns, {@link io.pagewire.daemon.region.ClientRuntime} one
 * that another host owns; what both share stands in {@link io.pagewire.daemon.region.RegionRuntime}.
 *
 * <p>Everything of a region belongs to its event loop.
 */
package io.pagewire.daemon.region;
