using Orleans.Runtime;

namespace Orleans;

[GenerateSerializer]
internal sealed record ReminderData(GrainId GrainId, string ReminderName, string ETag) : IGrainReminder;
