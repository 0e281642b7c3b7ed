package dev.caravan.watchdog;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A request as JSON: {@code {"header":{"Name":["value"]},"body":{"raw":"base64"}}}, written as the body comes. */
final class MarshalledRequest {

    private MarshalledRequest() {}

    static void write(Exchange exchange, OutputStream target) throws IOException {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        for (Headers.Field field : exchange.headers().fields()) {
            fields.computeIfAbsent(Headers.canonical(field.name()), name -> new ArrayList<>())
                    .add(field.value());
        }
        StringBuilder text = new StringBuilder("{\"header\":{");
        String between = "";
        for (Map.Entry<String, List<String>> field : fields.entrySet()) {
            text.append(between);
            string(text, field.getKey());
            text.append(':');
            strings(text, field.getValue());
            between = ",";
        }
        text.append("},\"body\":{\"raw\":\"");
        target.write(text.toString().getBytes(StandardCharsets.UTF_8));
        // Closed to write the last group, while the target stays open for what follows.
        try (OutputStream base64 = Base64.getEncoder().wrap(new FilterOutputStream(target) {

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
            }

            @Override
            public void close() {
                // not ours
            }
        })) {
            exchange.body().transferTo(base64);
        }
        target.write("\"}}".getBytes(StandardCharsets.UTF_8));
    }

    private static void strings(StringBuilder text, List<String> values) {
        text.append('[');
        for (int i = 0; i < values.size(); i++) {
            text.append(i == 0 ? "" : ",");
            string(text, values.get(i));
        }
        text.append(']');
    }

    private static void string(StringBuilder text, String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
