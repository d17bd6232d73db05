using Fleet.Coordinator.Metrics;
using FsCheck;
using FsCheck.Fluent;

namespace Fleet.Coordinator.Tests.Metrics;

public sealed class SampleCodingTests
{
    private static readonly double[] Corners =
    [
        0,
        -0.0,
        1,
        -1,
        0.1,
        0.01,
        0.001,
        12345.67,
        1e15,
        9_007_199_254_740_992,
        9_007_199_254_740_994,
        -9_007_199_254_740_993,
        1e300,
        double.Epsilon,
        double.MaxValue,
        double.MinValue,
        double.NaN,
        double.PositiveInfinity,
        double.NegativeInfinity,
        BitConverter.Int64BitsToDouble(0x7ff8_0000_0000_1234),
        BitConverter.Int64BitsToDouble(1),
        BitConverter.Int64BitsToDouble(long.MinValue + 1),
    ];

    [Fact]
    public void Decode_WhatWasEncoded_IsTheSameInEveryBit()
    {
        var value = Gen.OneOf(
            Gen.Elements(Corners),
            Gen.Choose(int.MinValue, int.MaxValue).Select(static n => (double)n),
            Gen.Choose(-100_000, 100_000).Select(static n => n / 100.0),
            Gen.Choose(0, int.MaxValue).Two().Select(static pair => BitConverter.Int64BitsToDouble(((long)pair.Item1 << 33) ^ pair.Item2)));
        var sample = Gen.Choose(1, 3).Zip(value);
        Check(Prop.ForAll(Arb.From(Gen.ListOf(sample)), static samples => RoundTrip([.. samples.Select(static s => (s.Item1, s.Item2))])));
    }

    [Fact]
    public void Decode_Counters_AreTheSameInEveryBit()
    {
        var steps = Gen.ListOf(Gen.Choose(0, 2_000_000).Zip(Gen.Choose(0, 2)));
        Check(Prop.ForAll(Arb.From(steps), static list =>
        {
            var counter = 0.0;
            return RoundTrip([.. list.Select(step => (1, counter += step.Item2 == 0 ? 0 : step.Item1 / (step.Item2 == 1 ? 1.0 : 100.0)))]);
        }));
    }

    [Fact]
    public void Decode_CornersAfterEachOther_AreTheSameInEveryBit()
    {
        foreach (var first in Corners)
        {
            foreach (var second in Corners)
            {
                Assert.True(RoundTrip([(1, first), (1, second), (2, first), (1, second)]), $"{first} then {second}");
            }
        }
    }

    private static void Check(Property property) => property.QuickCheckThrowOnFailure();

    private static bool RoundTrip(List<(int Gap, double Value)> samples)
    {
        var encoder = new SampleEncoder();
        var written = new List<(int Index, long Bits)>();
        var index = -1;
        foreach (var (gap, value) in samples)
        {
            index += gap;
            if (index >= SampleCoding.BlockLength)
            {
                break;
            }

            encoder.Add(index, value);
            written.Add((index, BitConverter.DoubleToInt64Bits(value)));
        }

        var decoder = new SampleDecoder(encoder.Bytes, encoder.Count);
        var read = new List<(int Index, long Bits)>();
        while (decoder.Next())
        {
            read.Add((decoder.Index, BitConverter.DoubleToInt64Bits(decoder.Value)));
        }

        return written.SequenceEqual(read);
    }
}
