/**
 * What this kernel, these limits and this Java allow, and what to do about each.
 */
package io.pagewire.cli.doctor;
