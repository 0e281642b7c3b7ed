package dev.caravan.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.NodeList;

/** A library enters the house with the reason for it, and the reason leaves with the library. */
class RationaleTest {

    @Test
    void everyDependencyHasItsReasonAndNoReasonIsLeftOver() throws Exception {
        List<String> explained = MarkdownTable.rows(Path.of("docs/explanation/rationale.md")).stream()
                .map(row -> row.get(0).replaceAll("^`([^`]+)`.*", "$1"))
                .toList();

        assertThat(explained).containsExactlyInAnyOrderElementsOf(directDependencies());
    }

    private static List<String> directDependencies() throws Exception {
        var pom = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse("pom.xml");
        var names = (NodeList) XPathFactory.newInstance()
                .newXPath()
                .evaluate("/project/dependencies/dependency/artifactId", pom, XPathConstants.NODESET);
        return IntStream.range(0, names.getLength())
                .mapToObj(i -> names.item(i).getTextContent().strip())
                .toList();
    }
}
