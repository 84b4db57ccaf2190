//===- PTXParser.cpp - PTX text as functions and blocks ------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// PTX is a list of statements that end in semicolons, with a few directives
// that end with their line. Nothing here recurses or does more work than the
// text is long.
//
//===----------------------------------------------------------------------===//

#include "PTXParser.h"
#include "llvm/ADT/GraphTraits.h"
#include "llvm/ADT/SCCIterator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;

template <>
struct llvm::GraphTraits<PTXBlock *> {
  using NodeRef = PTXBlock *;
  using ChildIteratorType = SmallVectorImpl<PTXBlock *>::iterator;
  static NodeRef getEntryNode(PTXBlock *block) { return block; }
  static ChildIteratorType child_begin(NodeRef n) {
    return n->successors.begin();
  }
  static ChildIteratorType child_end(NodeRef n) { return n->successors.end(); }
};

bool PTXInstruction::has(StringRef modifier) const {
  return is_contained(modifiers, modifier);
}

namespace {

/// Where in a function a label's branches lead.
struct Function {
  PTXEntry *entry;
  StringMap<PTXBlock *> labels;
  /// Lists of labels, which have labels themselves, for indirect branches.
  StringMap<StringRef> tables;
};

class Parser {
public:
  Parser(StringRef name, PTXFile &file) : name(name), file(file) {}

  Error run(StringRef text);

private:
  Error makeErrorAt(size_t place, const Twine &message) const {
    size_t line = 1 + StringRef(file.text).take_front(place).count('\n');
    return makeError(name + ":" + Twine(line) + ": " + message);
  }
  Error removeComments(StringRef source);

  bool atEnd() {
    rest = rest.ltrim();
    return rest.empty();
  }
  size_t place() const { return file.text.size() - rest.size(); }
  /// A name, opcode or directive; empty if something else comes.
  StringRef takeWord();
  StringRef takeLine() {
    auto [line, after] = rest.split('\n');
    rest = after;
    return line.trim();
  }
  /// Up to the character, which is taken too.
  Expected<StringRef> takeUntil(char end);

  Error parseTopLevel();
  Error parseDeclaration();
  Error parseBody(Function *function);
  Error parseStatement(Function &function);
  Error parseInstruction(Function &function, StringRef word);
  Error connect(Function &function);

  StringRef name;
  PTXFile &file;
  StringRef rest;
};

} // namespace

/// Keeps line breaks and places of everything else.
Error Parser::removeComments(StringRef source) {
  std::string &text = file.text;
  text = source.str();
  auto blank = [&](size_t from, size_t to) {
    for (size_t i = from; i < to; ++i)
      if (text[i] != '\n')
        text[i] = ' ';
  };
  for (size_t i = 0; i < text.size(); ++i) {
    StringRef here = StringRef(text).drop_front(i);
    if (here.front() == '"') {
      size_t end = here.find_first_of("\"\n", 1);
      if (end == StringRef::npos || here[end] != '"')
        return makeErrorAt(i, "a string has no end");
      // Only names of files and pragmas are strings.
      blank(i, i + end + 1);
      i += end;
    } else if (here.starts_with("//")) {
      size_t end = std::min(here.find('\n'), here.size());
      blank(i, i + end);
      i += end - 1;
    } else if (here.starts_with("/*")) {
      size_t end = here.find("*/", 2);
      if (end == StringRef::npos)
        return makeErrorAt(i, "a comment has no end");
      blank(i, i + end + 2);
      i += end + 1;
    }
  }
  return Error::success();
}

StringRef Parser::takeWord() {
  size_t length = 0;
  while (length < rest.size()) {
    char c = rest[length];
    if (isAlnum(c) || StringRef("_$%.@!").contains(c))
      ++length;
    else if (rest.substr(length).starts_with("::"))
      length += 2;
    else
      break;
  }
  StringRef word = rest.take_front(length);
  rest = rest.drop_front(length);
  return word;
}

Expected<StringRef> Parser::takeUntil(char end) {
  size_t length = rest.find(end);
  if (length == StringRef::npos)
    return makeErrorAt(place(), "a statement has no '" + Twine(end) + "'");
  StringRef text = rest.take_front(length);
  rest = rest.drop_front(length + 1);
  return text;
}

Error Parser::run(StringRef source) {
  if (Error error = removeComments(source))
    return error;
  rest = file.text;
  if (!rest.ltrim().starts_with(".version"))
    return makeError(name + " is not PTX: it does not begin with '.version'");
  while (!atEnd())
    if (Error error = parseTopLevel())
      return error;
  return Error::success();
}

Error Parser::parseTopLevel() {
  size_t begin = place();
  StringRef before = rest;
  StringRef word = takeWord();
  if (!word.starts_with("."))
    return makeErrorAt(begin, "a directive is expected, but not " +
                                  quote(before.take_front(16)));
  if (word == ".version" || word == ".target") {
    std::string &value = word == ".version" ? file.version : file.target;
    value = takeLine().split(',').first.trim().str();
    return Error::success();
  }
  if (word == ".address_size" || word == ".file" || word == ".loc") {
    takeLine();
    return Error::success();
  }
  if (word == ".section") {
    if (Expected<StringRef> head = takeUntil('{'); !head)
      return head.takeError();
    return takeUntil('}').takeError();
  }
  rest = before;
  return parseDeclaration();
}

/// A variable, or a function with or without a body.
Error Parser::parseDeclaration() {
  size_t length = rest.find_first_of(";{");
  if (length == StringRef::npos)
    return makeErrorAt(place(), "a declaration has no end");
  StringRef head = rest.take_front(length);
  bool hasBody = rest[length] == '{';
  size_t entryAt = head.find(".entry");
  bool isFunction = entryAt != StringRef::npos || head.contains(".func");
  if (hasBody && !isFunction && !head.contains('='))
    return makeErrorAt(place() + length, "'{' is not expected here");
  if (!isFunction)
    // Values in braces have no semicolons.
    return takeUntil(';').takeError();
  rest = rest.drop_front(length + 1);
  if (!hasBody)
    return Error::success();
  if (entryAt == StringRef::npos)
    return parseBody(nullptr);
  StringRef signature = head.drop_front(entryAt + strlen(".entry")).ltrim();
  StringRef entryName =
      signature.take_until([](char c) { return isSpace(c) || c == '('; });
  if (entryName.empty())
    return makeErrorAt(place() - 1, "'.entry' has no name");
  PTXEntry &entry = file.entries.emplace_back();
  entry.name = entryName.str();
  size_t afterParameters = signature.rfind(')');
  entry.directives =
      signature
          .drop_front(afterParameters == StringRef::npos ? entryName.size()
                                                         : afterParameters + 1)
          .str();
  entry.blocks.emplace_back();
  Function function{&entry, {}, {}};
  if (Error error = parseBody(&function))
    return error;
  return connect(function);
}

/// After the '{'. What is called is not looked at: null.
Error Parser::parseBody(Function *function) {
  size_t begin = place() - 1;
  for (size_t depth = 1; depth != 0;) {
    if (atEnd())
      return makeErrorAt(begin, "a function's body has no end");
    char c = rest.front();
    if (!function || StringRef("{};").contains(c)) {
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      rest = rest.drop_front();
    } else if (Error error = parseStatement(*function)) {
      return error;
    }
  }
  return Error::success();
}

Error Parser::parseStatement(Function &function) {
  size_t begin = place();
  StringRef before = rest;
  StringRef word = takeWord();
  if (word == ".loc" || word == ".file") {
    takeLine();
    return Error::success();
  }
  if (word.starts_with("."))
    return takeUntil(';').takeError();
  if (word.empty())
    return makeErrorAt(begin, "an instruction is expected, but not " +
                                  quote(before.take_front(16)));
  if (atEnd() || rest.front() != ':')
    return parseInstruction(function, word);
  rest = rest.drop_front();
  StringRef list = rest.ltrim();
  if (list.consume_front(".branchtargets")) {
    rest = list;
    Expected<StringRef> targets = takeUntil(';');
    if (!targets)
      return targets.takeError();
    function.tables[word] = *targets;
    return Error::success();
  }
  // What is said of a call has a name too.
  if (list.starts_with(".call"))
    return Error::success();
  function.labels[word] = &function.entry->blocks.emplace_back();
  return Error::success();
}

Error Parser::parseInstruction(Function &function, StringRef word) {
  PTXInstruction instruction;
  size_t begin = place();
  if (word.consume_front("@")) {
    instruction.guarded = true;
    // The predicate may stand apart from its '@' or '!'.
    if (word.empty() || word == "!")
      takeWord();
    rest = rest.ltrim();
    word = takeWord();
  }
  SmallVector<StringRef, 6> parts;
  word.split(parts, '.');
  instruction.name = parts.front();
  if (instruction.name.empty() || !isAlpha(instruction.name.front()))
    return makeErrorAt(begin,
                       "an instruction is expected, but not " + quote(word));
  instruction.modifiers.append(parts.begin() + 1, parts.end());
  Expected<StringRef> operands = takeUntil(';');
  if (!operands)
    return operands.takeError();
  instruction.operands = operands->trim();
  StringRef name = instruction.name;
  function.entry->blocks.back().instructions.push_back(std::move(instruction));
  if (name == "bra" || name == "brx" || name == "ret" || name == "exit" ||
      name == "trap")
    function.entry->blocks.emplace_back();
  return Error::success();
}

/// Deeper loops than these are counted like them.
static constexpr unsigned deepestLoop = 8;

/// Blocks that reach each other are a loop; without the edges back to where it
/// is entered, the loops inside are left.
static void findLoops(std::deque<PTXBlock> &blocks) {
  std::vector<std::vector<PTXBlock *>> loops;
  for (unsigned depth = 0; depth < deepestLoop; ++depth) {
    loops.clear();
    for (auto it = scc_begin(&blocks.front()); !it.isAtEnd(); ++it)
      if (it.hasCycle())
        loops.push_back(*it);
    if (loops.empty())
      return;
    for (ArrayRef<PTXBlock *> loop : loops) {
      // The search came here first, and so ends here.
      PTXBlock *entry = loop.back();
      for (PTXBlock *block : loop) {
        ++block->depth;
        llvm::erase(block->successors, entry);
      }
    }
  }
}

/// Gives blocks their successors, and says which are in loops.
Error Parser::connect(Function &function) {
  std::deque<PTXBlock> &blocks = function.entry->blocks;
  auto addTarget = [&](PTXBlock &block, StringRef label) -> Error {
    auto found = function.labels.find(label);
    if (found == function.labels.end())
      return makeError(name + ": entry " + quote(function.entry->name) +
                       " has a branch to " + quote(label) +
                       ", but no such label");
    block.successors.push_back(found->second);
    return Error::success();
  };
  for (auto [index, block] : enumerate(blocks)) {
    bool fallsThrough = true;
    if (!block.instructions.empty()) {
      const PTXInstruction &last = block.instructions.back();
      bool branches = last.name == "bra" || last.name == "brx";
      fallsThrough =
          last.guarded || !(branches || last.name == "ret" ||
                            last.name == "exit" || last.name == "trap");
      StringRef targets = branches ? last.operands : "";
      if (last.name == "brx")
        targets = function.tables.lookup(targets.rsplit(',').second.trim());
      SmallVector<StringRef> labels;
      targets.split(labels, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
      for (StringRef label : labels)
        if (Error error = addTarget(block, label.trim()))
          return error;
    }
    if (fallsThrough && index + 1 < blocks.size())
      block.successors.push_back(&blocks[index + 1]);
  }
  findLoops(blocks);
  return Error::success();
}

Error gpureport::parsePTX(StringRef text, StringRef name, PTXFile &file) {
  return Parser(name, file).run(text);
}
