package dev.caravan.ledger;

import dev.caravan.function.CallState;
import dev.caravan.function.FunctionName;

/** What calls are counted by: logical queue, function, state. */
public record CountKey(String queue, FunctionName function, CallState state) {}
