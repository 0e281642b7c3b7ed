package caravan;

/** What a handler is: one object that answers all requests, several at once. */
@FunctionalInterface
public interface Function {

    Response handle(Request request) throws Exception;
}
