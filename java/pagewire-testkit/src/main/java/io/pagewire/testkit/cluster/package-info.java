/** What {@code test-cluster/cluster} needs beside the shell: a relay through which hosts on loopback addresses call each other. */
package io.pagewire.testkit.cluster;
