package dev.caravan.component.routes;

import java.util.ArrayList;
import java.util.List;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.CatchDefinition;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.FinallyDefinition;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.OtherwiseDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.model.SetHeaderDefinition;
import org.apache.camel.model.SetPropertyDefinition;
import org.apache.camel.model.SetVariableDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.TryDefinition;
import org.apache.camel.model.WhenDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/** A route's definition as a tree of steps, the way Camel holds it while it runs. */
final class RouteTree {

    private static final int LONGEST_LABEL = 200;

    private final StepCounts counts;

    RouteTree(StepCounts counts) {
        this.counts = counts;
    }

    List<RouteStep> of(List<ProcessorDefinition<?>> steps) {
        return steps.stream().map(this::of).toList();
    }

    private RouteStep of(ProcessorDefinition<?> step) {
        return step(step, step.getShortName(), said(step), inside(step));
    }

    /** A choice gives the steps of its branches as if they were its own, and a try those that may catch apart. */
    private List<RouteStep> inside(ProcessorDefinition<?> step) {
        List<RouteStep> inside = new ArrayList<>();
        if (step instanceof ChoiceDefinition choice) {
            for (WhenDefinition when : choice.getWhenClauses()) {
                inside.add(step(when, "when", expression(when.getExpression()), of(when.getOutputs())));
            }
            OtherwiseDefinition otherwise = choice.getOtherwise();
            if (otherwise != null) {
                inside.add(step(otherwise, "otherwise", null, of(otherwise.getOutputs())));
            }
        } else if (step instanceof TryDefinition attempt) {
            inside.addAll(of(attempt.getOutputsWithoutCatches()));
            for (CatchDefinition caught : attempt.getCatchClauses()) {
                inside.add(of(caught));
            }
            FinallyDefinition last = attempt.getFinallyClause();
            if (last != null) {
                inside.add(of(last));
            }
        } else {
            inside.addAll(of(step.getOutputs()));
        }
        return inside;
    }

    private RouteStep step(
            OptionalIdentifiedDefinition<?> step, String kind, @Nullable String label, List<RouteStep> children) {
        StepCounts.Count count = counts.of(step);
        return new RouteStep(
                step.getId() == null ? "" : step.getId(),
                kind,
                shortened(label),
                count == null ? -1 : count.exchanges(),
                count == null ? 0 : count.failures(),
                children);
    }

    private static String shortened(@Nullable String label) {
        String oneLine = label == null ? "" : label.replaceAll("\\s+", " ").strip();
        return oneLine.length() <= LONGEST_LABEL ? oneLine : oneLine.substring(0, LONGEST_LABEL - 1) + "…";
    }

    /** Values that a step sets are left out: whoever may look at a route need not know a token that it sends along. */
    private static @Nullable String said(ProcessorDefinition<?> step) {
        if (step instanceof SendDefinition<?> send) {
            return URISupport.sanitizeUri(send.getEndpointUri());
        }
        if (step instanceof ToDynamicDefinition send) {
            return URISupport.sanitizeUri(send.getUri());
        }
        if (step instanceof ProcessDefinition process) {
            return process.getRef();
        }
        if (step instanceof BeanDefinition bean) {
            String method = bean.getMethod() == null ? "" : "." + bean.getMethod();
            return bean.getRef() == null ? bean.getBeanType() : bean.getRef() + method;
        }
        if (step instanceof SetHeaderDefinition set) {
            return set.getName();
        }
        if (step instanceof SetPropertyDefinition set) {
            return set.getName();
        }
        if (step instanceof SetVariableDefinition set) {
            return set.getName();
        }
        if (step instanceof CatchDefinition caught) {
            return String.join(", ", caught.getExceptions());
        }
        if (step instanceof OnExceptionDefinition handler) {
            return String.join(", ", handler.getExceptions());
        }
        boolean decides = List.of("filter", "split", "loop", "recipientList", "routingSlip", "validate")
                .contains(step.getShortName());
        return decides && step instanceof ExpressionNode node ? expression(node.getExpression()) : null;
    }

    private static @Nullable String expression(@Nullable ExpressionDefinition expression) {
        return expression == null ? null : expression.getLanguage() + ": " + expression.getExpression();
    }
}
