// Reads a page of a village's feed into the generated models.

import com.google.gson.Gson
import java.io.File
import org.openapitools.client.models.PostList

fun main(arguments: Array<String>) {
    val page = Gson().fromJson(File(arguments[0]).readText(), PostList::class.java)
    for (post in page.items) {
        // What an event has in every answer is there: none of these may be null.
        val dates = post.event?.let { it.extraDates.size + it.exceptDates.size + it.access.size } ?: 0
        println("${post.title}\t${post.kind}\t${post.createdAt.endsWith("Z")}\t$dates")
    }
    File(arguments[1]).writeText(page.nextCursor ?: "")
}
