package dev.caravan.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CallIdTest {

    @Test
    void oursAreLowerCaseUuidsOfVersionFourAndNeverTheSame() {
        List<String> ids =
                Stream.generate(CallId::random).limit(10_000).map(CallId::text).toList();

        assertThat(ids).doesNotHaveDuplicates().allSatisfy(id -> {
            assertThat(id).matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
            assertThat(UUID.fromString(id)).hasToString(id);
        });
    }

    @Test
    void oursAreNeighboursInAnIndexAndCannotBeGuessed() {
        UUID one = UUID.fromString(CallId.random().text());
        UUID next = UUID.fromString(CallId.random().text());

        assertThat((next.getMostSignificantBits() >>> 16) - (one.getMostSignificantBits() >>> 16))
                .isBetween(1L, 1_000L);
        assertThat(next.getLeastSignificantBits()).isNotEqualTo(one.getLeastSignificantBits());
    }
}
