package dev.caravan.watchdog;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Starts a program as the watchdog does for a call, again and again; what spawn.c does in C. */
public final class ForkLoop {

    private ForkLoop() {}

    /** @return how many microseconds one took, the median of all */
    public static double measure(int count, List<String> command) throws IOException, InterruptedException {
        Map<String, String> environment = BaseEnvironment.inherited();
        Place place = Place.in(Path.of("/"));
        double[] taken = new double[count];
        for (int i = 0; i < count; i++) {
            long begin = System.nanoTime();
            Process process =
                    ProcessGroup.start(command, environment, place, false).process();
            process.getOutputStream().close();
            process.getInputStream().readAllBytes();
            process.waitFor();
            taken[i] = (System.nanoTime() - begin) / 1e3;
            process.getInputStream().close();
            process.getErrorStream().close();
        }
        Arrays.sort(taken);
        return taken[count / 2];
    }

    /** In a process of its own: {@code COUNT PROGRAM [ARGUMENT...]}; as many before are for the compiler to warm up. */
    public static void main(String[] words) throws IOException, InterruptedException {
        int count = Integer.parseInt(words[0]);
        List<String> command = List.of(words).subList(1, words.length);
        measure(count, command);
        System.out.println(measure(count, command));
    }
}
