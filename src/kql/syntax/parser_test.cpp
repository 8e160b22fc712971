// SPDX-License-Identifier: Apache-2.0
// Texts and the trees they give.
#include <gtest/gtest.h>

#include <string>

#include "kql/syntax/dump.h"

namespace garrison::kql::syntax {
namespace {

struct Case {
  const char* text;
  const char* tree;
};

void PrintTo(const Case& each, std::ostream* out) {
  *out << each.text;
}

class ParserTest : public testing::TestWithParam<Case> {};

TEST_P(ParserTest, GivesTree) {
  const Query query = parse(GetParam().text);
  for (const Diagnostic& each : query.diagnostics) {
    ADD_FAILURE() << each.code << " at " << each.position.line << ":" << each.position.column << " " << each.message;
  }
  EXPECT_EQ(dump(query), GetParam().tree);
}

INSTANTIATE_TEST_SUITE_P(
    Precedence, ParserTest,
    testing::Values(
        Case{"T | where a == 1 or b == 2 and c == 3", "(pipe T (where (or (== a 1) (and (== b 2) (== c 3)))))"},
        Case{"T | where (a or b) and c", "(pipe T (where (and (or a b) c)))"},
        Case{"T | where a and b and c or d", "(pipe T (where (or (and a b c) d)))"},
        Case{"print 1 + 2 * 3 - 4", "(pipe (print (- (+ 1 (* 2 3)) 4)))"},
        Case{"print -a * -b % 2 / 3", "(pipe (print (/ (% (* (neg a) (neg b)) 2) 3)))"},
        Case{"print a + b has 'x'", "(pipe (print (+ a (has b \"x\"))))"},
        Case{"print a =~ 'x' == true", "(pipe (print (== (=~ a \"x\") true)))"},
        Case{"print a < b == c > d", "(pipe (print (== (< a b) (> c d))))"},
        Case{"print a - b - c", "(pipe (print (- (- a b) c)))"}, Case{"print x.a*2", "(pipe (print (* (. x a) 2)))"},
        Case{"print a in (1, 2) and b !in~ ('x')", "(pipe (print (and (in a (list 1 2)) (!in~ b (list \"x\")))))"},
        Case{"print a between (1 .. b + 1)", "(pipe (print (between a 1 (+ b 1))))"},
        Case{"print t !between (ago(2d)..ago(1d))",
             "(pipe (print (!between t (call ago timespan(2.00:00:00)) (call ago timespan(1.00:00:00)))))"},
        Case{"print a <> 1", "(pipe (print (!= a 1)))"}));

INSTANTIATE_TEST_SUITE_P(
    StringOperators, ParserTest,
    testing::Values(
        Case{"print a !has 'x', b has_cs 'x', c !has_cs 'x'",
             "(pipe (print (!has a \"x\") (has_cs b \"x\") (!has_cs c \"x\")))"},
        Case{"print a hasprefix 'x', b !hassuffix_cs 'x'",
             "(pipe (print (hasprefix a \"x\") (!hassuffix_cs b \"x\")))"},
        Case{"print a contains 'x', b notcontains 'x', c containscs 'x'",
             "(pipe (print (contains a \"x\") (!contains b \"x\") (contains_cs c \"x\")))"},
        Case{"print a startswith 'x', b !endswith_cs 'x'",
             "(pipe (print (startswith a \"x\") (!endswith_cs b \"x\")))"},
        Case{"print a matches regex @'\\d+', b !~ 'x'", "(pipe (print (matches regex a \"\\\\d+\") (!~ b \"x\")))"},
        Case{"print a has_any ('x', 'y'), b has_all (c), d !has_any ('z')",
             "(pipe (print (has_any a (list \"x\" \"y\")) (has_all b (list c)) (!has_any d (list \"z\"))))"},
        Case{"T | where * has 'x' and * == 5", "(pipe T (where (and (has * \"x\") (== * 5))))"},
        Case{"T | where a in ((U | project x), V)", "(pipe T (where (in a (list (pipe U (project x)) V))))"}));

INSTANTIATE_TEST_SUITE_P(
    Literals, ParserTest,
    testing::Values(
        Case{"print 12, 0xFF, 1.5, 1e3, 2.5E-1, 7.", "(pipe (print 12 255 real(1.5) real(1000) real(0.25) real(7)))"},
        Case{"print 1d, 1.5h, 2m, 3s, 4ms, 5microseconds, 6tick, 700nano",
             "(pipe (print timespan(1.00:00:00) timespan(01:30:00) timespan(00:02:00) timespan(00:00:03) "
             "timespan(00:00:00.0040000) timespan(00:00:00.0000050) timespan(00:00:00.0000006) "
             "timespan(00:00:00.0000007)))"},
        Case{"print 1day, 2days, 1hour, 2hrs, 3minutes, 4min, 5seconds, 6sec",
             "(pipe (print timespan(1.00:00:00) timespan(2.00:00:00) timespan(01:00:00) timespan(02:00:00) "
             "timespan(00:03:00) timespan(00:04:00) timespan(00:00:05) timespan(00:00:06)))"},
        Case{"print time(1.02:03:04.5), timespan(15 seconds), timespan(2), time('00:10'), time(-1d)",
             "(pipe (print timespan(1.02:03:04.5000000) timespan(00:00:15) timespan(2.00:00:00) timespan(00:10:00) "
             "timespan(-1.00:00:00)))"},
        Case{"print datetime(2020-01-02), datetime(2020-01-02T03:04:05.6Z), datetime(2020), datetime (2020-1-2 3:04)",
             "(pipe (print datetime(2020-01-02T00:00:00.0000000Z) datetime(2020-01-02T03:04:05.6000000Z) "
             "datetime(2020-01-01T00:00:00.0000000Z) datetime(2020-01-02T03:04:00.0000000Z)))"},
        Case{"print datetime('12-02-2022'), datetime(2025, 6, 14), datetime(11/6/2014 3:45 PM)",
             "(pipe (print datetime(2022-12-02T00:00:00.0000000Z) datetime(2025-06-14T00:00:00.0000000Z) "
             "datetime(2014-11-06T15:45:00.0000000Z)))"},
        Case{"print datetime(Sat, 8 Nov 2014 15:05:02 GMT), datetime(2017 - 08 - 01)",
             "(pipe (print datetime(2014-11-08T15:05:02.0000000Z) datetime(2017-08-01T00:00:00.0000000Z)))"},
        Case{"print datetime(now), datetime(8:00 AM)",
             "(pipe (print (call now) (+ (call startofday (call now)) timespan(08:00:00))))"},
        Case{"print long(null), int(-5), int(0xFFFFFFFF), bool(1), real(nan), real(-inf), double(2), datetime(null)",
             "(pipe (print long(null) int(-5) int(-1) true real(nan) real(-inf) real(2) datetime(null)))"},
        Case{"print decimal(1.50), guid(74BE27DE1E4ED9B5579BFE0B331D3642), true, False",
             "(pipe (print decimal(1.50) guid(74be27de-1e4e-d9b5-579b-fe0b331d3642) true false))"},
        Case{R"(print "a\tb\u0041\x42\103\\", 'it''s', "\ud83d\ude00")", R"((pipe (print "a\tbABC\\" "its" "😀")))"},
        Case{R"(print @"a\b""c", @'x''y', ```p "q" \n```, ~~~z~~~, h"secret", H@'secret')",
             R"((pipe (print "a\\b\"c" "x'y" "p \"q\" \\n" "z" "***" "***")))"},
        Case{"print 'a' \"b\"\n'c'", "(pipe (print \"abc\"))"},
        Case{"print typeof(long), typeof(a:string, b:long)", "(pipe (print typeof(long) (typeof (a:string b:long))))"},
        Case{"print dynamic({'a': [1, -2.5, null, true,], \"b\": 1d, 'c': datetime(2020-01-01)}), dynamic(null)",
             "(pipe (print "
             "dynamic({\"a\":[1,-2.5,null,true],\"b\":\"1.00:00:00\",\"c\":\"2020-01-01T00:00:00.0000000Z\"}) "
             "dynamic(null)))"}));

INSTANTIATE_TEST_SUITE_P(
    Names, ParserTest,
    testing::Values(Case{"T | project type, kind, count, table, range, id, from, title",
                         "(pipe T (project type kind count table range id from title))"},
                    Case{"T | extend ['x y'] = [\"z\"].a['b'][0], order = 1, 3rd = 2",
                         "(pipe T (extend (= [\"x y\"] ([] ([] (. [\"z\"] a) \"b\") 0)) (= order 1) (= 3rd 2)))"},
                    Case{"T | extend a = b.['c d'].[0].[k].first",
                         "(pipe T (extend (= a (. ([] ([] (. b [\"c d\"]) 0) k) first))))"},
                    Case{"['my table'] | where größe > 1", "(pipe [\"my table\"] (where (> größe 1)))"},
                    Case{"T | join U on $left.a == $right.b", "(pipe T (join U (on (== (. $left a) (. $right b)))))"},
                    Case{"T | where count > 1 | count | project range, print",
                         "(pipe T (where (> count 1)) (count) (project range print))"},
                    Case{"cluster('c').database('d').T | take 1",
                         "(pipe (. (call (. (call cluster \"c\") database) \"d\") T) (take 1))"},
                    Case{"T | project a\xC2\xA0=\xC2\xA0"
                         "1 // remark\n#directive\n| take 1",
                         "(pipe T (project (= a 1)) (take 1))"}));

INSTANTIATE_TEST_SUITE_P(
    Statements, ParserTest,
    testing::Values(
        Case{"let a = 1; let b = T | take 1;\nb", "(let a 1)\n(let b (pipe T (take 1)))\n(pipe b)"},
        Case{
            "let f = (x:long, T:(*), U:(a:string, b:long), y:string='q') { let z = x; T | where a == z };",
            "(let f (function (x:long T:(*) U:(a:string b:long) y:string=\"q\") (let z x) (pipe T (where (== a z)))))"},
        Case{"let f = () { 1 + 2; }; let v = view () { T };", "(let f (function () (+ 1 2)))\n(let v (view () T))"},
        Case{"let t = toscalar(union A, B | count); let m = materialize((print 1))",
             "(let t (call toscalar (pipe (union A B) (count))))\n(let m (call materialize (pipe (print 1))))"},
        Case{"let v = ((T)); v", "(let v T)\n(pipe v)"},
        Case{"set notruncation; set query_take_max_records = 5; set a.b = now; print 1",
             "(set notruncation)\n(set query_take_max_records 5)\n(set a.b now)\n(pipe (print 1))"},
        Case{"declare query_parameters (a:string = 'x', b:long); T", "(declare (a:string=\"x\" b:long))\n(pipe T)"},
        Case{"declare pattern p = (a:string)[s:string] { ('a').['x'] = { T | count }; ('b') = { U }; }; declare "
             "pattern q;",
             "(pattern p (a:string) (path s:string) (match \"a\" (path \"x\") (pipe T (count))) (match \"b\" U))\n"
             "(pattern q ())"},
        Case{"alias database d = cluster('c').database('b'); restrict access to (T, database('x').*, Dev*); T",
             "(alias d (call (. (call cluster \"c\") database) \"b\"))\n"
             "(restrict T (. (call database \"x\") *) Dev*)\n(pipe T)"},
        Case{"let g = entity_group [database('a'), database('b')]; macro-expand isfuzzy=true g as X (let y = 1; X.T | "
             "take y)",
             "(let g (entity_group (call database \"a\") (call database \"b\")))\n"
             "(pipe (macro-expand isfuzzy=true g as X (let y 1) (pipe (. X T) (take y))))"}));

INSTANTIATE_TEST_SUITE_P(
    Sources, ParserTest,
    testing::Values(
        Case{"range x from 1 to 10 step 2", "(pipe (range x 1 10 2))"},
        Case{"datatable(a:string, ['b c']:long) ['x', -1, 'y', long(null),]",
             "(pipe (datatable (a:string [\"b c\"]:long) \"x\" (neg 1) \"y\" long(null)))"},
        Case{"datatable(a:long) [-9223372036854775808]", "(pipe (datatable (a:long) -9223372036854775808))"},
        Case{"externaldata(a:string) [@'https://x', h'y'] with (format='csv', ignoreFirstRecord=true) | take 1",
             "(pipe (externaldata (a:string) \"https://x\" \"***\" format=\"csv\" ignoreFirstRecord=true) (take 1))"},
        Case{"inline_external_table (a:string) kind=storage partition by (d:datetime) dataformat=csv (h'x') with (b=1)",
             "(pipe (inline_external_table (a:string) kind=storage partition=\"(d:datetime)\" dataformat=csv \"***\" "
             "b=1))"},
        Case{"find withsource=s in (T, Dev*) where a == 1 and b:'x' project a, b:string, pack(*) project-away c*",
             "(pipe (find withsource=s (in T Dev*) (and (== a 1) (: b \"x\")) (project a b:string (call pack *)) "
             "(project-away c*)))"},
        Case{"find 'x'; find a == 1 project-smart", "(pipe (find \"x\"))\n(pipe (find (== a 1) (project-smart)))"},
        Case{"search kind=case_sensitive in (T, U*) 'a' and (b:'x' or * has 'z')",
             "(pipe (search kind=case_sensitive (in T U*) (and \"a\" (or (: b \"x\") (has * \"z\")))))"},
        Case{"search *", "(pipe (search *))"},
        Case{"union kind=outer withsource=s isfuzzy=true T, (U | where x), Dev*, database('*').T*",
             "(pipe (union kind=outer withsource=s isfuzzy=true T (pipe U (where x)) Dev* (. (call database \"*\") "
             "T*)))"},
        Case{"union *", "(pipe (union *))"}));

INSTANTIATE_TEST_SUITE_P(
    Operators, ParserTest,
    testing::Values(
        Case{"T | as hint.materialized=true X | consume decodeblocks=true | getschema",
             "(pipe T (as hint.materialized=true X) (consume decodeblocks=true) (getschema))"},
        Case{"T | count as n | assert-schema (a:long) | execute-and-cache",
             "(pipe T (count as n) (assert-schema (a:long)) (execute-and-cache))"},
        Case{"T | distinct *  | distinct a, b.c", "(pipe T (distinct *) (distinct a (. b c)))"},
        Case{"T | evaluate hint.distribution=single pivot(a, count()) : (*, c:string)",
             "(pipe T (evaluate hint.distribution=single (call pivot a (call count)) : (* c:string)))"},
        Case{"T | extend a = 1, (b, c) = f(x), d", "(pipe T (extend (= a 1) (= (b c) (call f x)) d))"},
        Case{"T | facet by a, b with (where c | take 1) | facet by d with take 2",
             "(pipe T (facet a b (pipe (where c) (take 1))) (facet d (pipe (take 2))))"},
        Case{"T | fork a=(where x | count) (take 5)",
             "(pipe T (fork (a (pipe (where x) (count))) (_ (pipe (take 5)))))"},
        Case{"T | invoke f(1, x='a')", "(pipe T (invoke (call f 1 (= x \"a\"))))"},
        Case{"T | join kind=inner hint.strategy=broadcast (U | where x) on k, a",
             "(pipe T (join kind=inner hint.strategy=broadcast (pipe U (where x)) (on k a)))"},
        Case{"T | join kind = leftouter U on k | lookup kind=inner (U) on $left.a == $right.b",
             "(pipe T (join kind=leftouter U (on k)) (lookup kind=inner U (on (== (. $left a) (. $right b)))))"},
        Case{"T | make-series kind=nonempty n=count() default=0, avg(x) on t from a to b step 1h by k, bin(z, 1)",
             "(pipe T (make-series kind=nonempty (= n (call count)) (default 0) (call avg x) (on t) (from a) (to b) "
             "(step timespan(01:00:00)) (by k (call bin z 1))))"},
        Case{"T | make-series sum(x) on t in range(a, b, 1d)",
             "(pipe T (make-series (call sum x) (on t) (from a) (to b) (step timespan(1.00:00:00))))"},
        Case{"T | mv-expand bagexpansion=array with_itemindex=i x to typeof(string), y = z.w limit 10 | mvexpand a",
             "(pipe T (mv-expand bagexpansion=array with_itemindex=i x (to typeof(string)) (= y (. z w)) (limit 10)) "
             "(mvexpand a))"},
        Case{"T | mv-apply a = b to typeof(long), c limit 5 on (where a > 1 | top 2 by a)",
             "(pipe T (mv-apply (= a b) (to typeof(long)) c (limit 5) (pipe (where (> a 1)) (top 2 (a)))))"},
        Case{"T | parse kind=regex flags=Ui a with * 'lit' b:long 'x' ['c d']:datetime *",
             "(pipe T (parse kind=regex flags=Ui a (with * \"lit\" b:long \"x\" [\"c d\"]:datetime *)))"},
        Case{"T | parse-where a.b with 'k=' v ',' * | parse-kv c as (x:string) with (pair_delimiter=',', "
             "kv_delimiter='=')",
             "(pipe T (parse-where (. a b) (with \"k=\" v \",\" *)) "
             "(parse-kv c (x:string) pair_delimiter=\",\" kv_delimiter=\"=\"))"},
        Case{"T | partition hint.strategy=native by k (top 3 by x) | partition by z { U | where a == z }",
             "(pipe T (partition hint.strategy=native k (pipe (top 3 (x)))) "
             "(partition z braces (pipe U (where (== a z)))))"},
        Case{"T | project | project-away a*, *_b, c*1 | project-keep * | project-rename x = y",
             "(pipe T (project) (project-away a* *_b c*1) (project-keep *) (project-rename (= x y)))"},
        Case{"T | project-reorder a*, b desc, c granny-asc | project-by-names dynamic(['a']), 'b*' | project-smart",
             "(pipe T (project-reorder a* b desc c granny-asc) (project-by-names dynamic([\"a\"]) \"b*\") "
             "(project-smart))"},
        Case{"T | reduce kind=source by x with threshold=0.1, characters='_'",
             "(pipe T (reduce kind=source x threshold=real(0.1) characters=\"_\"))"},
        Case{"T | render timechart with (title='x', ycolumns=a, b, kind=stacked)",
             "(pipe T (render timechart title=\"x\" ycolumns=a ycolumns=b kind=stacked))"},
        Case{"T | render columnchart kind=stacked title='x'", "(pipe T (render columnchart kind=stacked title=\"x\"))"},
        Case{"T | sample 3 | sample-distinct 5 of x | serialize | serialize r = row_number()",
             "(pipe T (sample 3) (sample-distinct 5 x) (serialize) (serialize (= r (call row_number))))"},
        Case{"T | scan with_match_id=m order by t asc partition by k declare (c:long=0, d:string) with (step s1: x > 1 "
             "and "
             "s1.t > 5 => c = s1.c + 1, d = 'a'; step s2 output=last optional: true;)",
             "(pipe T (scan with_match_id=m (order (t asc)) (partition k) (declare c:long 0) (declare d:string) (step "
             "s1 "
             "(and (> x 1) (> (. s1 t) 5)) (= c (+ (. s1 c) 1)) (= d \"a\")) (step s2 optional output=last true)))"},
        Case{"T | sort by a asc nulls last, b desc, c | order by count_ nulls first",
             "(pipe T (sort (a asc nulls last) (b desc) (c)) (order (count_ nulls first)))"},
        Case{"T | summarize hint.strategy=shuffle count(), arg_max(t, *), x = max(y) by bin(t, 1h), k = tolower(z)",
             "(pipe T (summarize hint.strategy=shuffle (call count) (call arg_max t *) (= x (call max y)) "
             "(by (call bin t timespan(01:00:00)) (= k (call tolower z)))))"},
        Case{"T | summarize by a | summarize | summarize count() by t bin=1h",
             "(pipe T (summarize (by a)) (summarize) (summarize bin=timespan(01:00:00) (call count) (by t)))"},
        Case{"T | top 5 by x desc nulls last | top-hitters 3 of a by b | limit 2 | take 1 | filter c",
             "(pipe T (top 5 (x desc nulls last)) (top-hitters 3 (of a) (by b)) (limit 2) (take 1) (filter c))"},
        Case{"T | top-nested 3 of a with others='o' by sum(x) desc, top-nested of b by max(y)",
             "(pipe T (top-nested (3 (of a) (others \"o\") ((call sum x) desc)) (_ (of b) ((call max y)))))"},
        Case{"T | where a = 1", "(pipe T (where (= a 1)))"}));

INSTANTIATE_TEST_SUITE_P(
    Graphs, ParserTest,
    testing::Values(
        Case{"E | make-graph a --> b with N on id, M on id2 | graph-match cycles=none (x)-[e]->(y)<-[f*1..3]-(z), "
             "(u)--(v)-->() "
             "where x.n == 1 project x.n, q = e.m",
             "(pipe E (make-graph a --> b (with N id) (with M id2)) (graph-match cycles=none ((x) -[e]-> (y) "
             "<-[f*1..3]- "
             "(z)) ((u) -[]- (v) -[]-> ()) (where (== (. x n) 1)) (project (. x n) (= q (. e m)))))"},
        Case{"E | make-graph a --> b with_node_id=i partitioned-by t (graph-match (x)-->(y) project x.i)",
             "(pipe E (make-graph with_node_id=i a --> b (partitioned-by t) (pipe (graph-match ((x) -[]-> (y)) "
             "(project (. x i))))))"},
        Case{"G | graph-to-table nodes as N with_node_id=i, edges as E",
             "(pipe G (graph-to-table (nodes as N with_node_id=i) (edges as E)))"},
        Case{"G | graph-shortest-paths output=all (a)-[e*1..20]->(b) project b | graph-mark-components kind=weak",
             "(pipe G (graph-shortest-paths output=all ((a) -[e*1..20]-> (b)) (project b)) "
             "(graph-mark-components kind=weak))"},
        Case{"G | graph-where-nodes x > 1 | graph-where-edges any(y)",
             "(pipe G (graph-where-nodes (> x 1)) (graph-where-edges (call any y)))"}));

TEST(ParametersTest, ReadsStoredParameters) {
  const ParsedParameters parsed = parse_parameters("(T:(*), since:timespan=1h)");
  ASSERT_TRUE(parsed.diagnostics.empty());
  ASSERT_EQ(parsed.parameters.size(), 2u);
  EXPECT_TRUE(parsed.parameters[0].schema->star);
  EXPECT_EQ(parsed.parameters[1].type.text, "timespan");
  EXPECT_EQ(dump(*parsed.parameters[1].default_value), "timespan(01:00:00)");
  EXPECT_EQ(parse_parameters("a:string, b:long").parameters.size(), 2u);
  EXPECT_TRUE(parse_parameters("").parameters.empty());
  EXPECT_EQ(parse_parameters("a").diagnostics.size(), 1u);
}

TEST(SpanTest, NodesCoverTheirText) {
  const std::string text = "T | where (a + bc) > 1";
  const Query query = parse(text);
  const Pipeline& pipeline = *query.statements[0].as<QueryStatement>()->pipeline;
  const Binary* binary = pipeline.operators[0].as<WhereOperator>()->predicate->as<Binary>();
  const auto slice = [&](Span span) { return text.substr(span.begin, span.end - span.begin); };
  EXPECT_EQ(slice(pipeline.span), text);
  EXPECT_EQ(slice(pipeline.operators[0].span), "where (a + bc) > 1");
  EXPECT_EQ(slice(binary->op_span), ">");
  EXPECT_EQ(slice(binary->left->span), "(a + bc)");
  EXPECT_TRUE(binary->left->parenthesized);
}

TEST(LineIndexTest, CountsCharacters) {
  const LineIndex lines("ab\r\näöü\rx\n");
  EXPECT_EQ(lines.position(0), (Position{1, 1}));
  EXPECT_EQ(lines.position(8), (Position{2, 3}));
  EXPECT_EQ(lines.position(11), (Position{3, 1}));
  EXPECT_EQ(lines.position(99), (Position{4, 1}));
}

}  // namespace
}  // namespace garrison::kql::syntax
