package dev.caravan.component.routes;

/**
 * Why a route file cannot run, for the person who edits it.
 *
 * @param file path below the routes folder, with slashes
 * @param line counted from 1; 0 when it is not known
 * @param column counted from 1; 0 when it is not known
 * @param message one sentence, at most 1,000 characters
 * @param suggestion the nearest word that would have been right; empty when none is near
 */
public record RouteProblem(String file, int line, int column, String message, String suggestion) {

    private static final int LONGEST_MESSAGE = 1000;

    public RouteProblem {
        String oneLine = message.replaceAll("\\s+", " ").strip();
        message = oneLine.length() <= LONGEST_MESSAGE ? oneLine : oneLine.substring(0, LONGEST_MESSAGE);
    }

    @Override
    public String toString() {
        String where = line == 0 ? file : column == 0 ? file + ":" + line : file + ":" + line + ":" + column;
        return where + ": " + message + (suggestion.isEmpty() ? "" : "; did you mean \"" + suggestion + "\"?");
    }
}
