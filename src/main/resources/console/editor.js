// CodeMirror as the console uses it. It stands in a shadow tree, where its styles are objects: as text in the page the
// policy would refuse them.
import {Compartment, EditorState, StateEffect, StateField} from '@codemirror/state';
import {Decoration, EditorView, keymap, lineNumbers} from '@codemirror/view';
import {defaultKeymap, history, historyKeymap} from '@codemirror/commands';
import {HighlightStyle, indentOnInput, syntaxHighlighting} from '@codemirror/language';
import {json} from '@codemirror/lang-json';
import {yaml} from '@codemirror/lang-yaml';
import {tags} from '@lezer/highlight';

const LANGUAGES = {json, yaml};

const colours = HighlightStyle.define([
  {tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)'},
  {tag: [tags.string, tags.content], color: 'var(--ok)'},
  {tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--warn)'},
  {tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic'},
]);

const look = EditorView.theme({
  '&': {color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '13px', maxHeight: '46rem', minHeight: '12rem'},
  '&.cm-focused': {outline: 'none'},
  '.cm-scroller': {fontFamily: 'var(--mono)', lineHeight: '1.5', overflow: 'auto'},
  '.cm-content': {caretColor: 'var(--text)'},
  '.cm-gutters': {backgroundColor: 'var(--raised)', color: 'var(--muted)', border: 'none'},
  '.cm-line.bad': {backgroundColor: 'var(--bad-tint)', boxShadow: 'inset 3px 0 var(--bad)'},
});

const mark = StateEffect.define();

/** Lines with something wrong, kept where they are while text before them changes. */
const marked = StateField.define({
  create: () => Decoration.none,
  update: (lines, change) => change.effects.reduce(
    (now, effect) => (effect.is(mark) ? decorated(change.state.doc, effect.value) : now), lines.map(change.changes)),
  provide: field => EditorView.decorations.from(field),
});

const decorated = (doc, lines) => Decoration.set(lines
  .filter(line => line >= 1 && line <= doc.lines)
  .sort((one, other) => one - other)
  .map(line => Decoration.line({class: 'bad'}).range(doc.line(line).from)));

const reading = [
  EditorState.readOnly.of(true), EditorView.editable.of(false),
  EditorView.contentAttributes.of({'tabindex': '0', 'aria-readonly': 'true'}),
];

/** Tab leads on, as everywhere: nobody shall be held in it. */
export class Editor {
  /**
   * @param root the shadow root it is put in
   * @param wanted what {@link show} shows, and `label`
   * @param changed told of the text when somebody has typed
   */
  constructor(root, wanted, changed) {
    this.access = new Compartment();
    this.language = new Compartment();
    this.shown = {value: ''};
    this.view = new EditorView({
      root,
      parent: root,
      extensions: [
        lineNumbers(), history(), indentOnInput(), keymap.of([...defaultKeymap, ...historyKeymap]),
        syntaxHighlighting(colours), look, marked, this.access.of([]), this.language.of([]),
        EditorState.lineSeparator.of('\n'), // other ends of lines stay as they are
        EditorView.contentAttributes.of({'aria-label': wanted.label}),
        EditorView.updateListener.of(update => {
          const text = update.state.doc.toString();
          if (update.docChanged && text !== this.shown.value) {
            this.shown = {...this.shown, value: text};
            changed(text);
          }
        }),
      ],
    });
    this.show(wanted);
  }

  /** Shows `value` in its `language`; to be read only when `readonly`; with `marks` at the numbers of lines. */
  show({value, language, readonly, marks}) {
    const before = this.shown;
    this.shown = {value, language, readonly, marks};
    const length = this.view.state.doc.length;
    this.view.dispatch({
      changes: value === before.value ? [] : {from: 0, to: length, insert: value},
      effects: [
        language === before.language ? [] : this.language.reconfigure(LANGUAGES[language]?.() ?? []),
        readonly === before.readonly ? [] : this.access.reconfigure(readonly ? reading : []),
        mark.of(marks),
      ].flat(),
    });
  }

  /** Puts the cursor at a place, counted from 1. */
  go(line, column) {
    const {from, to} = this.view.state.doc.line(Math.min(line, this.view.state.doc.lines));
    this.view.dispatch({selection: {anchor: Math.min(to, from + column - 1), head: to}, scrollIntoView: true});
    this.view.focus();
  }

  close() {
    this.view.destroy();
  }
}
