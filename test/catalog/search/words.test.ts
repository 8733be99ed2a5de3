/** Names and sentences are split into words that compare, whatever style and language they are written in. */
import { describe, expect, test } from 'vitest'
import { stem } from '../../../src/catalog/search/stem.ts'
import { words } from '../../../src/catalog/search/words.ts'

test.each([
  ['snake_case_name', 'snake case name'],
  ['kebab-case-name', 'kebab case name'],
  ['camelCaseName', 'camel case name'],
  ['getHTTPResponse2', 'get http response 2'],
  ['listIDs', 'list ids'],
  ['URLs and APIs', 'urls and apis'],
  ['v2_users', 'v 2 users'],
  ['what’s in /tmp/notes.txt?', 'what s in tmp notes txt'],
  ['Größe übermäßig', 'große ubermaßig'],
  ['ｆｕｌｌ width', 'full width'],
  ['读取文件', '读取 取文 文件'],
  ['ファイルを読む file', 'ファ ァイ イル ルを を読 読む file'],
  ['Прочитать файл', 'прочитать фаил'],
  [`${'x'.repeat(41)} word`, 'word'],
  ['😀 !!! \u0000', ''],
])('%j is split into %j', (text, split) => {
  expect(words(text).join(' ')).toBe(split)
})

describe('the forms of a word are one', () => {
  test.each([
    'create creates created creating creation',
    'delete deletes deleted deleting deletion',
    'run runs running',
    'stop stops stopped stopping',
    'copy copies copied copying',
    'list lists listed listing',
    'search searches searched searching',
    'branch branches',
    'process processes processed',
    'query queries querying',
    'connect connects connected connection',
    'merge merged merging',
    'status statuses',
    'navigate navigates navigation navigating',
    'permission permissions',
    'organize organized organization',
  ])('%s', (forms) => {
    expect([...new Set(forms.split(' ').map(stem))]).toHaveLength(1)
  })

  test.each([
    ['new', 'news'],
    ['user', 'use'],
    ['thing', 'the'],
    ['add', 'address'],
    ['page', 'paginate'],
    ['form', 'format'],
    ['comment', 'commit'],
  ])('%s and %s stay apart', (one, other) => {
    expect(stem(one)).not.toBe(stem(other))
  })
})
