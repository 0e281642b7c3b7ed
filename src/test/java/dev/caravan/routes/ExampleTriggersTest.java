package dev.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.component.clock.ClockComponent;
import dev.caravan.component.routes.LoadedRoute;
import dev.caravan.component.routes.RouteFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.component.direct.DirectComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples that ship with Caravan load as they are, and do nothing until somebody switches them on. */
class ExampleTriggersTest {

    private static final List<String> EXAMPLES =
            List.of("call-function-by-cron", "call-function-for-dropped-file", "count-words-on-schedule");

    @TempDir
    Path folder;

    @Test
    void theExamplesLoadSwitchedOff() throws Exception {
        Files.createDirectories(folder.resolve("triggers"));
        for (String example : EXAMPLES) {
            String file = "triggers/" + example + ".camel.yaml";
            Files.copy(Path.of("routes", file), folder.resolve(file));
        }
        try (var context = new DefaultCamelContext()) {
            context.addComponent("function", new FunctionStandIn());
            context.addComponent("clock", new ClockComponent(InstantSource.system()));
            context.start();
            try (var files = new RouteFiles(
                    context,
                    folder,
                    List.of("triggers"),
                    Duration.ofSeconds(1),
                    scratch -> scratch.addComponent("clock", new ClockComponent(InstantSource.system())),
                    InstantSource.system())) {
                files.start();

                assertThat(files.refused()).isEmpty();
                assertThat(files.routes()).extracting(LoadedRoute::id).containsExactlyElementsOf(EXAMPLES);
                assertThat(files.routes()).extracting(LoadedRoute::state).containsOnly("stopped");
                assertThat(files.routes())
                        .flatExtracting(LoadedRoute::to)
                        .containsExactly(
                                "direct:queue-call", "function:echo?timeout=30s", "function:wordcount?timeout=30s");
            }
        }
    }

    private static final class FunctionStandIn extends DirectComponent {
        @Override
        protected Endpoint createEndpoint(String uri, String name, Map<String, Object> parameters) throws Exception {
            assertThat(parameters.remove("timeout")).isEqualTo("30s");
            return super.createEndpoint(uri, name, parameters);
        }
    }
}
