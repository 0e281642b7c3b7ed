package dev.caravan.alerts;

/**
 * What somebody is to be told.
 *
 * @param over whether it is that the alert is over
 */
public record Notice(Alert alert, boolean over) {}
