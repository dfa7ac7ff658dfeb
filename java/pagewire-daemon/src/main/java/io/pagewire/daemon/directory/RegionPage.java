package io.pagewire.daemon.directory;

import java.util.List;

/**
 * A part of the list of all regions.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param regions by name
 * @param next the name after which the list goes on; null when this was the end
 */
public record RegionPage(List<RegionRecord> regions, String next) {}
