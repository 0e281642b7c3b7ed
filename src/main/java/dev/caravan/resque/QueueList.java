package dev.caravan.resque;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which queues a worker takes from, as it was written: {@code high,low} strictly in this order, {@code *} and other globs
 * for what there is, {@code !name} for what is left out, as in Ruby; {@code a=2,b=1} in an order that is drawn anew each
 * time, as goworker does.
 */
public final class QueueList {

    private static final Pattern GLOB = Pattern.compile("[*?\\[\\]{}]");
    private static final int HEAVIEST = 1_000;

    private final String text;
    private final List<String> wanted;
    private final List<Pattern> excluded;
    /** Empty where the order is strict. */
    private final Map<String, Integer> weights;

    private QueueList(String text, List<String> wanted, List<Pattern> excluded, Map<String, Integer> weights) {
        this.text = text;
        this.wanted = wanted;
        this.excluded = excluded;
        this.weights = weights;
    }

    /** @throws IllegalArgumentException with one line when no queue is named or a weight is no number */
    public static QueueList parse(String text) {
        List<String> items = List.of(text.split(",")).stream()
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
        List<Pattern> excluded = items.stream()
                .filter(item -> item.startsWith("!") && item.length() > 1)
                .map(item -> glob(item.substring(1)))
                .toList();
        List<String> named =
                items.stream().filter(item -> !item.startsWith("!")).toList();
        boolean weighted = named.stream().anyMatch(item -> item.contains("="));
        List<String> wanted = new ArrayList<>();
        Map<String, Integer> weights = new LinkedHashMap<>();
        for (String item : named) {
            int equals = weighted ? item.lastIndexOf('=') : -1;
            String name = equals < 0 ? item : item.substring(0, equals).strip();
            if (name.isEmpty()) {
                continue;
            }
            int weight =
                    equals < 0 ? 1 : weight(item, item.substring(equals + 1).strip());
            if (weighted && weight > 0) {
                weights.merge(name, weight, Integer::sum);
            }
            for (int copies = 0; copies < weight; copies++) {
                wanted.add(name);
            }
        }
        if (wanted.isEmpty() && !excluded.isEmpty() && named.isEmpty()) {
            wanted.add("*");
        }
        if (wanted.isEmpty()) {
            throw new IllegalArgumentException("name at least one queue, e.g. high,low or *");
        }
        String shown = weighted ? String.join(",", wanted) : String.join(",", items);
        return new QueueList(shown, List.copyOf(wanted), excluded, weights);
    }

    private static int weight(String item, String text) {
        if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) > HEAVIEST) {
            throw new IllegalArgumentException("the weight in \"" + item + "\" must be a number up to " + HEAVIEST);
        }
        return Integer.parseInt(text);
    }

    /** The third part of a worker's id. */
    String text() {
        return text;
    }

    /** Whether which queues there are makes a difference. */
    boolean dependsOnWhatIsThere() {
        return wanted.stream().anyMatch(name -> GLOB.matcher(name).find());
    }

    /** Each queue once, in the order in which they are looked at where that is strict. */
    List<String> among(Collection<String> there) {
        Set<String> names = new LinkedHashSet<>();
        var sorted = new TreeSet<>(there);
        for (String name : wanted) {
            if (GLOB.matcher(name).find()) {
                Pattern glob = glob(name);
                sorted.stream().filter(one -> glob.matcher(one).matches()).forEach(names::add);
            } else {
                names.add(name);
            }
        }
        names.removeIf(
                name -> excluded.stream().anyMatch(out -> out.matcher(name).matches()));
        return List.copyOf(names);
    }

    /**
     * An order for one job among these queues, as places from 1 on, separated by commas; empty for the order they are in.
     * A queue is first as often as its weight says, and none is left out.
     */
    String draw(List<String> queues, Random random) {
        if (weights.isEmpty()) {
            return "";
        }
        List<Integer> left =
                IntStream.rangeClosed(1, queues.size()).boxed().collect(Collectors.toCollection(ArrayList::new));
        List<String> order = new ArrayList<>();
        while (!left.isEmpty()) {
            int sum = left.stream()
                    .mapToInt(place -> weightOf(queues.get(place - 1)))
                    .sum();
            int drawn = random.nextInt(sum);
            int at = 0;
            while (drawn >= weightOf(queues.get(left.get(at) - 1))) {
                drawn -= weightOf(queues.get(left.get(at) - 1));
                at++;
            }
            order.add(left.remove(at).toString());
        }
        return String.join(",", order);
    }

    private int weightOf(String queue) {
        return weights.getOrDefault(queue, 1);
    }

    /** Ruby's File.fnmatch, as far as names of queues need it. */
    private static Pattern glob(String glob) {
        var regex = new StringBuilder();
        int braces = 0;
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            int close = c == '[' ? glob.indexOf(']', i + 2) : -1;
            if (c == '*') {
                regex.append(".*");
            } else if (c == '?') {
                regex.append('.');
            } else if (close > 0) {
                String among = glob.substring(i + 1, close)
                        .replace("\\", "\\\\")
                        .replace("[", "\\[")
                        .replace("&", "\\&");
                regex.append('[').append(among.replaceFirst("^!", "^")).append(']');
                i = close;
            } else if (c == '{') {
                regex.append("(?:");
                braces++;
            } else if (c == '}' && braces > 0) {
                regex.append(')');
                braces--;
            } else if (c == ',' && braces > 0) {
                regex.append('|');
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        try {
            return Pattern.compile(regex.append(")".repeat(braces)).toString(), Pattern.DOTALL);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("\"" + glob + "\" is no pattern of names", e);
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
