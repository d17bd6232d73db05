using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Tests.Storage;

public sealed class PostgresDialectTests
{
    [Theory]
    [InlineData("SELECT a FROM t WHERE b = $b", "SELECT a FROM t WHERE b = @b")]
    [InlineData("SELECT a FROM t INDEXED BY t_a WHERE +state > 3 AND a < $x1", "SELECT a FROM t WHERE state > 3 AND a < @x1")]
    [InlineData("UPDATE t SET a = a + b, c = $c + 1", "UPDATE t SET a = a + b, c = @c + 1")]
    [InlineData("SELECT 1 FROM g CROSS JOIN s ON s.id = g.id AND (+g.a, +g.b) > (1, 2)", "SELECT 1 FROM g JOIN s ON s.id = g.id AND (g.a, g.b) > (1, 2)")]
    [InlineData("SELECT instr(a, $b), length(CAST(text AS BLOB)) FROM t", "SELECT strpos(a, @b), length(convert_to(text, 'UTF8')) FROM t")]
    public void Translate_WhatSqliteWritesDifferently(string sql, string expected) =>
        Assert.Equal(expected, PostgresDialect.Instance.Translate(sql));
}
