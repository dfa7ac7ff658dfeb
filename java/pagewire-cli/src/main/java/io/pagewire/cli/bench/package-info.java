/** The parts of {@code dsmctl bench}: what each measures between private hosts, beside the raw floor of the same run. */
package io.pagewire.cli.bench;
