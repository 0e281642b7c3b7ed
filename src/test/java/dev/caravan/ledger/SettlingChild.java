package dev.caravan.ledger;

import dev.caravan.function.Call;
import dev.caravan.function.CallState;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;

/** A process to be killed: settles calls on many threads and prints each id once its settle has returned. */
final class SettlingChild {

    private SettlingChild() {}

    public static void main(String[] args) {
        var ledger = new Ledger(Path.of(args[0]), InstantSource.system());
        ledger.open();
        PrintStream out = System.out;
        for (int i = 0; i < 32; i++) {
            boolean dies = i < 4;
            new Thread(() -> {
                        while (true) {
                            Call call = Calls.call();
                            ledger.accepted(call, null);
                            ledger.begin(call, false);
                            ledger.settle(dies ? Calls.death(call) : Calls.success(call));
                            CallState state = dies ? CallState.DEAD : CallState.SUCCEEDED;
                            synchronized (out) {
                                out.println(call.id() + " " + state.word());
                                out.flush();
                            }
                        }
                    })
                    .start();
        }
    }
}
