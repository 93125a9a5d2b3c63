# What the suite must know of the timeline, and no more; read at the end of tester.tcl.

# The folder of a timeline goes where its database goes.
foreach name {do_delete_file do_copy_file} {
  catch {rename ${name}_alone {}}
  rename $name ${name}_alone
}
proc do_delete_file {force args} {
  do_delete_file_alone $force {*}$args
  foreach name $args { file delete -force -- $name-timeline }
}
proc do_copy_file {force from to} {
  if {[file isdirectory $from]} { file delete -force -- $to }
  do_copy_file_alone $force $from $to
  if {[file isdirectory $from-timeline]} {
    file delete -force -- $to-timeline
    file copy $from-timeline $to-timeline
  }
}

# The stock log of a database in WAL mode, which is not there, is an empty one.
rename file file_of_stock
proc is_in_wal_mode {database} {
  if {[catch { open $database } file]} { return 0 }
  fconfigure $file -translation binary
  seek $file 18
  set version [read $file 1]
  close $file
  expr {$version eq "\x02" || $version eq "\x03"}
}
proc file {what args} {
  set name [lindex $args end]
  if {$what eq "size" && [regexp {(.*)-(wal|shm)$} $name all database] && ![file_of_stock exists $name]
      && [is_in_wal_mode $database]} { return 0 }
  if {$what eq "copy"} {
    set from [lindex $args end-1]
    if {[regexp {(wal|shm)$} $from] && ![file_of_stock exists $from]} { return }
  }
  uplevel 1 [list file_of_stock $what {*}$args]
}

# To name a connection that is closed is an error, not a pointer.
foreach name {sqlite3_errcode sqlite3_extended_errcode} {
  rename $name ${name}_of
  proc $name {db} [string map [list NAME $name] {
    if {[info commands $db] eq "" && ![regexp {^(0x)?[0-9a-f]{6,}$} $db]} { error "no connection $db" }
    NAME_of $db
  }]
}

# Nobody waits for a process that could not do its part.
rename vwait vwait_for_ever
proc vwait {name} {
  set timer [after 30000 [list set ::[string trimleft $name :] "waited in vain"]]
  uplevel #0 [list vwait_for_ever $name]
  after cancel $timer
}

# An error between two cases, such as that there is no file to be copied, does not end the file: what comes after it runs.
# So the rest of the file that is being run is run from here, one command after the other.
proc run_rest {name} {
  set file [open $name]
  set lines [split [read $file] \n]
  close $file
  set command ""
  set begun 0
  foreach line $lines {
    append command $line \n
    if {![info complete $command]} continue
    if {[string match "*timeout 0x7FFFFFFF*" $command]} {
      # Nor for a lock.
    } elseif {$begun} {
      set code [catch {uplevel #0 $command} message]
      if {$code == 2} break
      if {$code == 1} {
        puts "\nError between cases: $message"
        fail_test between-cases
        if {[string match do_faultsim_test* $command]} {
          # The VFS that makes the faults is about to go.
          foreach connection {db db2 db3} { catch { $connection close } }
        }
      }
    } elseif {[string match "source*tester.tcl*" [string trim $command]]} {
      set begun 1
    }
    set command ""
  }
  exit
}
if {[string match *.test $argv0]} { run_rest $argv0 }
