package dev.caravan.gateway;

import dev.caravan.function.FunctionStatus;
import java.util.List;

/** The functions as a page without scripts, for a browser that was led to {@code /function}. */
final class FunctionPage {

    /** @param url where it can be called; of letters that need no escape */
    record Row(String name, String url, String language, FunctionStatus status) {}

    private FunctionPage() {}

    static String of(List<Row> rows) {
        var page = new StringBuilder("""
                <!doctype html>
                <html lang="en">
                <head><meta charset="utf-8"><title>Functions</title></head>
                <body>
                <h1>Functions</h1>
                """);
        if (rows.isEmpty()) {
            page.append("<p>There are none yet.</p>\n");
        } else {
            page.append("<table>\n<tr><th>Name</th><th>Language</th><th>Replicas ready</th></tr>\n");
            rows.forEach(row -> page.append("<tr><td><a href=\"")
                    .append(escaped(row.url()))
                    .append("\">")
                    .append(escaped(row.name()))
                    .append("</a></td><td>")
                    .append(escaped(row.language()))
                    .append("</td><td>")
                    .append(row.status().availableReplicas())
                    .append(" of ")
                    .append(row.status().replicas())
                    .append("</td></tr>\n"));
            page.append("</table>\n");
        }
        return page.append("</body>\n</html>\n").toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
