package dev.caravan.provider.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A request to a sample function and the reply it must give; {@code functions/README.md} has the format. */
record Sample(Path file) {

    private static final String REQUEST = ".request";

    /** All of a folder, in the order in which they are to be sent. */
    static List<Sample> in(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(REQUEST))
                    .sorted()
                    .map(Sample::new)
                    .toList();
        }
    }

    String function() {
        return file.resolveSibling("").getFileName().toString();
    }

    void holdsAgainst(HttpClient http, URI replica) throws IOException, InterruptedException {
        Message request = Message.read(file);
        String[] line = request.first().split(" ", 2);
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(replica + line[1]))
                .timeout(Duration.ofSeconds(30))
                .method(
                        line[0],
                        request.body().isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(request.body()));
        request.headers().forEach(header -> builder.header(header.name(), header.value()));

        judge(http.send(builder.build(), BodyHandlers.ofString()));
    }

    private void judge(HttpResponse<String> response) throws IOException {
        Message reply =
                Message.read(file.resolveSibling(file.getFileName().toString().replace(REQUEST, ".reply")));
        assertThat(response.statusCode())
                .as("status; the body was: %s", response.body())
                .isEqualTo(Integer.parseInt(reply.first()));
        for (Header header : reply.headers()) {
            assertThat(response.headers().allValues(header.name()))
                    .as(header.name())
                    .anyMatch(value -> pattern(header.value()).matcher(value).matches());
        }
        if (reply.hasBody()) {
            String lines = reply.body()
                    .lines()
                    .map(expected -> expected.equals("...")
                            ? "(?:.*\n)*"
                            : pattern(expected).pattern() + "\n")
                    .collect(Collectors.joining());
            String body = response.body();
            assertThat(body.isEmpty() || body.endsWith("\n") ? body : body + "\n")
                    .matches(lines);
        }
    }

    private static Pattern pattern(String expected) {
        return Pattern.compile(
                expected.startsWith("~") ? "(?:" + expected.substring(1) + ")" : Pattern.quote(expected));
    }

    @Override
    public String toString() {
        return function() + "/" + file.getFileName();
    }

    private record Header(String name, String value) {

        static Header read(String line) {
            int colon = line.indexOf(':');
            return new Header(
                    line.substring(0, colon), line.substring(colon + 1).strip());
        }
    }

    private record Message(String first, List<Header> headers, boolean hasBody, String body) {

        static Message read(Path file) throws IOException {
            String text = Files.readString(file);
            int blank = text.indexOf("\n\n");
            List<String> head =
                    (blank < 0 ? text : text.substring(0, blank)).lines().toList();
            return new Message(
                    head.get(0),
                    head.stream().skip(1).map(Header::read).toList(),
                    blank >= 0,
                    blank < 0 ? "" : text.substring(blank + 2));
        }
    }
}
