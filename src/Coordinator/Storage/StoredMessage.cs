using Fleet.Protocol.Edge;
using Google.Protobuf;

namespace Fleet.Coordinator.Storage;

/// <summary>
/// Messages of agents as they stand in the store. An earlier release kept them as they came: what cannot be used is left out when they are
/// read, so that one row can spoil no list.
/// </summary>
internal static class StoredMessage
{
    /// <summary>Null if the column is NULL, or holds no such message.</summary>
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
