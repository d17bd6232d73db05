using Fleet.Protocol.Edge;
using Google.Protobuf;

namespace Fleet.Coordinator.Storage;

/// <summary>
/// Reads stored messages of agents. An earlier release stored them as they arrived, so unusable parts are dropped on reading, and one row
/// cannot spoil a list.
/// </summary>
internal static class StoredMessage
{
    /// <summary>Null if the column is NULL or does not hold such a message.</summary>
    public static T? Read<T>(MessageParser<T> parser, byte[]? column)
        where T : class, IMessage<T>
    {
        if (column is null)
        {
            return null;
        }

        try
        {
            var message = parser.ParseFrom(column);
            MessageEdge.Repair(message);
            return message;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
