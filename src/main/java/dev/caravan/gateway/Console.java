package dev.caravan.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.RequestHead;
import dev.caravan.gateway.ConsoleFiles.ConsoleFile;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * {@code console}: the console's page and files below {@code /ui/}. They hold nothing that is not public: what there is to
 * see, a browser fetches from the API, where it has to say who it is.
 */
public final class Console implements Processor {

    private static final String ROOT = "/ui/";
    private static final Pattern IMPORT_MAP =
            Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);

    private final ConsoleFiles files = new ConsoleFiles();
    private final String policy = policy(page());

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        // The page's links are relative to the slash (and clients know /ui without one as 404: contract section 1.1).
        String path = message.getHeader(Exchange.HTTP_PATH, "", String.class);
        String name = path.equals(ROOT) ? "index.html" : path.startsWith(ROOT) ? path.substring(ROOT.length()) : "";
        ConsoleFile file = files.find(name).orElseThrow(() -> new HttpFailure(404, "404 page not found"));
        RequestHead head = exchange.getProperty(CaravanHeaders.REQUEST_HEAD, RequestHead.class);
        message.removeHeaders("*");
        message.setHeader("X-Content-Type-Options", "nosniff");
        message.setHeader("Referrer-Policy", "no-referrer");
        message.setHeader("Content-Security-Policy", policy);
        // A function's page, of the same origin, must not get hold of the console's window.
        message.setHeader("Cross-Origin-Opener-Policy", "same-origin");
        message.setHeader("Cross-Origin-Resource-Policy", "same-origin");
        message.setHeader("Cache-Control", "no-cache"); // kept, and asked about by its tag
        message.setHeader("ETag", file.tag());
        message.setHeader("Vary", "Accept-Encoding");
        if (head != null && lists(head.headers().getAll("If-None-Match"), file.tag())) {
            message.setHeader(Exchange.HTTP_RESPONSE_CODE, 304);
            message.setBody(null);
            return;
        }
        message.setHeader(Exchange.CONTENT_TYPE, file.contentType());
        boolean gzip = head != null && lists(head.headers().getAll("Accept-Encoding"), "gzip");
        if (gzip) {
            message.setHeader("Content-Encoding", "gzip");
        }
        message.setBody(gzip ? file.gzip() : file.bytes());
    }

    private String page() {
        return new String(
                files.find("index.html")
                        .orElseThrow(() -> new IllegalStateException("the console is missing: the build is broken"))
                        .bytes(),
                UTF_8);
    }

    /**
     * Nothing but our own files, and of what stands in the page itself only its import map, by its hash. Pictures also of
     * bytes that our own files have looked at: an address {@code blob:} can be made by them alone, and for this page only.
     */
    private static String policy(String page) {
        Matcher map = IMPORT_MAP.matcher(page);
        if (!map.find()) {
            throw new IllegalStateException("the console's page has no import map");
        }
        return "default-src 'none'; script-src 'self' 'sha256-"
                + ConsoleFiles.sha256(map.group(1).getBytes(UTF_8))
                + "'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none';"
                + " frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html";
    }

    private static boolean lists(List<String> headers, String wanted) {
        for (String header : headers) {
            for (String item : header.split(",", 32)) {
                String value = item.strip();
                if (value.equals(wanted) || value.startsWith(wanted + ";") && !value.matches(".*;\\s*q=0(\\.0*)?$")) {
                    return true;
                }
            }
        }
        return false;
    }
}
