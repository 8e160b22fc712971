// SPDX-License-Identifier: Apache-2.0
// What the style guide asks of the tree: layers, sizes, names, licence lines, READMEs.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString()
  .split('\0')
  .filter((name) => name && existsSync(path.join(root, name)));
const read = (name) => readFileSync(path.join(root, name), 'utf8');
const sources = files.filter((name) => /\.(h|cpp|ts|tsx|mjs)$/.test(name));

// library -> set of the libraries it may include
function readLayers() {
  const layers = new Map();
  for (const line of read('src/LAYERS').split('\n')) {
    const text = line.replace(/#.*/, '').trim();
    if (!text) continue;
    const [name, list] = text.split(':');
    assert.ok(list !== undefined, `src/LAYERS: '${line}' has no colon`);
    layers.set(name.trim(), new Set(list.trim().split(/\s+/).filter(Boolean)));
  }
  return layers;
}

// The edges of the tree that the layers do not allow, as text. Takes the layers and a list of [file, text].
function forbiddenEdges(layers, contents) {
  const wrong = [];
  for (const [name, text] of contents) {
    const library = name.split('/')[1];
    const allowed = layers.get(library);
    if (!allowed) {
      wrong.push(`${name}: folder src/${library} is not in src/LAYERS`);
      continue;
    }
    if (name.endsWith('CMakeLists.txt')) {
      const deps = /DEPS([^)]*?)(THIRD|\))/s.exec(text);
      for (const dep of (deps?.[1] ?? '').trim().split(/\s+/).filter(Boolean)) {
        if (!allowed.has(dep)) wrong.push(`${name}: links ${dep}`);
      }
      for (const [, dep] of text.matchAll(/garrison_([a-z]+)\b/g)) {
        if (layers.has(dep) && dep !== library && !allowed.has(dep)) wrong.push(`${name}: links garrison_${dep}`);
      }
      continue;
    }
    for (const [, target] of text.matchAll(/^\s*#include\s+"([^"]+)"/gm)) {
      const dep = target.split('/')[0];
      if (!layers.has(dep)) wrong.push(`${name}: "${target}" is not a full path from src/`);
      else if (dep !== library && !allowed.has(dep)) wrong.push(`${name}: includes ${target}`);
    }
  }
  return wrong;
}

test('LAYERS lists each library once, lowest first', () => {
  const seen = new Set();
  for (const [name, allowed] of readLayers()) {
    for (const dep of allowed) assert.ok(seen.has(dep), `${name} names ${dep}, which does not stand above it`);
    seen.add(name);
  }
});

test('includes and link lines follow src/LAYERS', () => {
  const contents = files
    .filter((name) => name.startsWith('src/') && /(\.h|\.cpp|CMakeLists\.txt)$/.test(name))
    .map((name) => [name, read(name)]);
  assert.ok(contents.length > 10);
  assert.deepEqual(forbiddenEdges(readLayers(), contents), []);
});

test('the layer check finds an upward include and an upward link', () => {
  const wrong = forbiddenEdges(readLayers(), [
    ['src/base/x.cpp', '#include "net/http.h"\n'],
    ['src/kql/CMakeLists.txt', 'garrison_library(kql DEPS base engine THIRD x)\n'],
  ]);
  assert.deepEqual(wrong, ['src/base/x.cpp: includes net/http.h', 'src/kql/CMakeLists.txt: links engine']);
});

test('no hand-written file is longer than 800 lines', () => {
  const long = sources.filter((name) => read(name).split('\n').length > 801);
  assert.deepEqual(long, []);
});

test('no file or folder has a name that says nothing', () => {
  const vague = files.filter((name) => /(^|\/)(utils?|helpers?|common|misc|manager)(\.|\/|_|$)/.test(name));
  assert.deepEqual(vague, []);
});

test('every source file opens with its licence line', () => {
  const bare = sources.filter((name) => !read(name).slice(0, 200).includes('SPDX-License-Identifier: Apache-2.0'));
  assert.deepEqual(bare, []);
});

test('every library has a README of at most 30 lines', () => {
  const libraries = files.filter((name) => /^src\/[a-z]+\/CMakeLists\.txt$/.test(name)).map((name) => path.dirname(name));
  for (const library of libraries) {
    const readme = `${library}/README.md`;
    assert.ok(files.includes(readme), `${readme} is missing`);
    assert.ok(read(readme).trim().split('\n').length <= 30, `${readme} is longer than 30 lines`);
  }
});

test('headers are guarded by #pragma once and open no namespace wholesale', () => {
  for (const name of files.filter((file) => /^src\/.*\.h$/.test(file))) {
    const text = read(name);
    assert.ok(text.includes('#pragma once'), `${name}: #pragma once is missing`);
    assert.ok(!/^\s*using namespace/m.test(text), `${name}: using namespace in a header`);
  }
});

test('no open ends are marked in the sources', () => {
  const marker = new RegExp('\\b(TO' + 'DO|FIX' + 'ME|XX' + 'X|HA' + 'CK)\\b(?!\\(#\\d+\\))');
  const open = sources.filter((name) => marker.test(read(name)));
  assert.deepEqual(open, []);
});

test('links between the documents lead somewhere', () => {
  const broken = [];
  for (const name of files.filter((file) => file.endsWith('.md') && !file.startsWith('portal/node_modules'))) {
    for (const [, target] of read(name).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      if (!existsSync(path.join(root, path.dirname(name), target))) broken.push(`${name}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});
