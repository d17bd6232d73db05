using System.Globalization;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.State.Audit;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Audit;

/// <summary>AdminService.ListAudit.</summary>
internal sealed class AuditQueries(FleetStore store)
{
    public async Task<ListAuditResponse> ListAsync(ListAuditRequest request, CancellationToken cancellationToken)
    {
        var size = Paging.Size(request.PageSize);
        var before = long.MaxValue;
        if (request.PageToken.Length > 0
            && !long.TryParse(request.PageToken, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            throw FleetError.InvalidArgument("page_token", "is not one that this server gave", "Begin without a page_token.");
        }

        var entries = await store.ReadAsync(reader => AuditStore.Page(reader, request.Who, before, size + 1), cancellationToken);
        var response = new ListAuditResponse();
        var count = Paging.Fit(entries, size);
        response.Entries.AddRange(entries.Take(count));
        if (entries.Count > count)
        {
            response.NextPageToken = entries[count - 1].Sequence.ToString(CultureInfo.InvariantCulture);
        }

        return response;
    }
}
