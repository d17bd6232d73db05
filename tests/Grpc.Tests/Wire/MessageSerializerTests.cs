using Grpc.Core;
using Grpc.Core.Wire;

namespace Fleet.Grpc.Tests.Wire;

public sealed class MessageSerializerTests
{
    [Fact]
    public void Serialize_BufferWriter_GivesHeaderRoomAndPayload()
    {
        using var frame = new MessageSerializer(null).Serialize<string>(
            (_, context) =>
            {
                context.SetPayloadLength(3);
                var writer = context.GetBufferWriter();
                writer.GetSpan(3)[0] = 7;
                writer.Advance(3);
                context.Complete();
            },
            "");
        MessageFrame.WriteHeader(frame.WrittenSpan, compressed: true);
        Assert.Equal([1, 0, 0, 0, 3, 7], frame.WrittenSpan[..6].ToArray());
        Assert.Equal(8, frame.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Serialize_BeyondLimit_IsResourceExhausted(bool announced)
    {
        var serializer = new MessageSerializer(10);
        var e = Assert.Throws<RpcException>(() => serializer.Serialize<string>(
            (_, context) =>
            {
                if (announced)
                {
                    context.SetPayloadLength(11);
                }

                var writer = context.GetBufferWriter();
                writer.GetSpan(11);
                writer.Advance(11);
                context.Complete();
            },
            ""));
        Assert.Equal(StatusCode.ResourceExhausted, e.StatusCode);
    }

    [Fact]
    public void Serialize_NeverCompleted_Throws() =>
        Assert.Throws<InvalidOperationException>(() => new MessageSerializer(null).Serialize<string>((_, context) => context.GetBufferWriter(), ""));

    [Fact]
    public void Serialize_AfterAFailure_WorksAgain()
    {
        var serializer = new MessageSerializer(null);
        Assert.Throws<FormatException>(() => serializer.Serialize<string>((_, context) =>
        {
            context.GetBufferWriter();
            throw new FormatException();
        }, ""));
        using var frame = serializer.Serialize<string>((_, context) => context.Complete([1, 2]), "");
        Assert.Equal(MessageFrame.HeaderSizeBytes + 2, frame.Length);
    }
}
