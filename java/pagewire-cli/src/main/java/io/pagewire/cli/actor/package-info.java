/**
 * What an application process of the demo or the benchmark does on its host: tasks in, results out, one JSON line each.
 */
package io.pagewire.cli.actor;
