package dev.caravan.gateway.auth;

import dev.caravan.function.FunctionScope;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a line of the users file or a group gives somebody: a role, and behind it in brackets how much of what is there he
 * sees: {@code operator[shop-* *.team-a -bodies]}.
 */
record Grant(Role role, Rights rights) {

    private static final String NO_BODIES = "-bodies";
    private static final Pattern FORM = Pattern.compile("([a-z]+)(?:\\[([^\\[\\]]*)])?");
    private static final Pattern GLOB =
            Pattern.compile("[a-z0-9*](?:[a-z0-9*-]*[a-z0-9*])?" + "(?:\\.[a-z0-9*](?:[a-z0-9*-]*[a-z0-9*])?)?");

    /** With nothing hidden. */
    static Grant of(Role role) {
        return new Grant(role, Rights.ALL);
    }

    /**
     * @param defaultNamespace of functions that are named without one
     * @throws IllegalArgumentException saying what is wrong
     */
    static Grant parse(String text, String defaultNamespace) {
        Matcher parts = FORM.matcher(text);
        Role role = (parts.matches() ? Role.of(parts.group(1)) : Optional.<Role>empty())
                .orElseThrow(() -> new IllegalArgumentException("the role must be viewer, operator or admin"));
        if (parts.group(2) == null) {
            return of(role);
        }
        if (role == Role.ADMIN) {
            throw new IllegalArgumentException("an admin sees everything: only viewer and operator can be limited");
        }
        return new Grant(role, rights(parts.group(2).strip(), defaultNamespace));
    }

    /**
     * Several for one person: the highest role, with all functions that those of that role let him see; and with bodies
     * when those that let him see bodies have all these functions.
     *
     * @param grants at least one
     */
    static Grant joined(List<Grant> grants) {
        Role highest =
                grants.stream().map(Grant::role).max(Comparator.naturalOrder()).orElseThrow();
        List<Rights> seen = grants.stream()
                .filter(grant -> grant.role == highest)
                .map(Grant::rights)
                .toList();
        FunctionScope all = functions(seen.stream());
        return new Grant(
                highest, new Rights(all, all.isWithin(functions(seen.stream().filter(Rights::bodies)))));
    }

    private static FunctionScope functions(Stream<Rights> some) {
        return new FunctionScope(some.flatMap(rights -> rights.functions().globs().stream())
                .distinct()
                .toList());
    }

    private static Rights rights(String words, String defaultNamespace) {
        List<String> all = Arrays.asList(words.split("\\s+"));
        List<String> functions =
                all.stream().filter(word -> !word.equals(NO_BODIES)).toList();
        if (!functions.stream().allMatch(word -> GLOB.matcher(word).matches())) {
            throw new IllegalArgumentException("in the brackets behind a role stand names of functions, as shop-* or"
                    + " *.team-a, and -bodies, with blanks between them");
        }
        return new Rights(
                functions.isEmpty() ? FunctionScope.ALL : FunctionScope.of(functions, defaultNamespace),
                !all.contains(NO_BODIES));
    }
}
